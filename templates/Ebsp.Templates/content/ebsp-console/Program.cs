using Ebsp.Emulator.Models;

byte[] pixels = [
    0, 0, 11, 16, 16, 10, 0, 0,
    1, 14, 16, 9, 11, 16, 1, 0,
    1, 14, 3, 0, 12, 14, 0, 0,
    0, 0, 0, 6, 16, 7, 0, 0,
    0, 0, 0, 8, 16, 5, 0, 0,
    0, 0, 0, 0, 12, 10, 0, 0,
    0, 2, 4, 5, 14, 13, 0, 0,
    0, 11, 16, 16, 16, 4, 0, 0];
Classification answer = DigitsModel.Load().Classify(pixels);
Console.WriteLine($"This is a {answer.Label}. The accelerator takes {DigitsModel.Cycles:N0} cycles.");
