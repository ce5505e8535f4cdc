using Ebsp.Evaluation;

return ToolProcess.Run(args, CommandLine.Run);
