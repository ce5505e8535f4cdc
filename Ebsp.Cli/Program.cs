using Ebsp.Cli;

return ToolProcess.Run(args, CommandLine.Run);
