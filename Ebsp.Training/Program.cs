using Ebsp.Training;

return ToolProcess.Run(args, CommandLine.Run);
