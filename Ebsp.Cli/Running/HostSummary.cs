using System.Text.Json.Nodes;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Cli.Running;

/// <summary>What a program leaves to the host between layers, and how long the host takes for it.</summary>
internal static class HostSummary
{
    /// <summary>Prints a line a step; nothing where there is none.</summary>
    /// <param name="call">Where to.</param>
    /// <param name="program">The program.</param>
    /// <param name="labelWidth">Characters in front of the text.</param>
    public static void Print(Call call, EbspProgram program, int labelWidth)
    {
        long[] elements = new long[program.HostSteps.Length];
        foreach (Instruction i in program.Code)
        {
            if (i.Opcode == Opcode.Host)
                elements[i[Field.Step]] += i[Field.Images] * i[Field.Rows] * i[Field.Columns] * i[Field.Channels];
        }

        JsonArray steps = [];
        for (int i = 0; i < elements.Length; i++)
        {
            HostStep step = program.HostSteps[i];
            long cycles = elements[i] * program.Arch.HostCyclesPerElement;
            string label = "host".PadRight(labelWidth);
            call.Print($"{label}{step.Name}: {step.Kind}, {Quantity.Count(elements[i], "element")}, {Quantity.Count(cycles, "cycle")}");
            steps.Add((JsonNode)new JsonObject { ["layer"] = step.Name, ["kind"] = step.Kind.ToString(), ["elements"] = elements[i],
                ["cycles"] = cycles });
        }

        call.Result["hostSteps"] = steps;
    }
}
