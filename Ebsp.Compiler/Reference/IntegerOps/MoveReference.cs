using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>What moves values and changes none: slices, concatenations, assemblies and zero padding of maps in H, W, C order.</summary>
internal static class MoveReference
{
    public static T[] Slice<T>(Slice op, T[] map, Shape input)
        where T : unmanaged
    {
        T[] result = new T[op.Rows * op.Columns * op.Channels];
        for (int y = 0; y < op.Rows; y++)
        {
            for (int x = 0; x < op.Columns; x++)
            {
                int pixel = (op.StartY + y * op.StepY) * input.Width + op.StartX + x * op.StepX;
                map.AsSpan(pixel * input.Channels + op.StartChannel, op.Channels).CopyTo(result.AsSpan((y * op.Columns + x) * op.Channels));
            }
        }

        return result;
    }

    public static T[] Concat<T>(T[][] maps, int[] channels)
        where T : unmanaged
    {
        int sum = channels.Sum(), pixels = maps[0].Length / channels[0];
        T[] result = new T[pixels * sum];
        for (int i = 0, first = 0; i < maps.Length; first += channels[i++])
        {
            for (int pixel = 0; pixel < pixels; pixel++)
                maps[i].AsSpan(pixel * channels[i], channels[i]).CopyTo(result.AsSpan(pixel * sum + first));
        }

        return result;
    }

    public static T[] Assemble<T>(Assemble op, T[][] maps, Shape[] parts)
        where T : unmanaged
    {
        int channels = parts[0].Channels;
        T[] result = new T[op.Height * op.Width * channels];
        for (int i = 0; i < maps.Length; i++)
        {
            PixelPlace at = op.Places[i];
            for (int y = 0; y < parts[i].Height; y++)
            {
                for (int x = 0; x < parts[i].Width; x++)
                    maps[i].AsSpan((y * parts[i].Width + x) * channels, channels)
                        .CopyTo(result.AsSpan((at.First + y * at.RowStep + x * at.ColumnStep) * channels));
            }
        }

        return result;
    }

    public static T[] Pad<T>(Pad op, T[] map, Shape input, Shape output)
        where T : unmanaged
    {
        T[] result = new T[output.Elements];
        for (int y = 0; y < input.Height; y++)
        {
            for (int x = 0; x < input.Width; x++)
            {
                map.AsSpan((y * input.Width + x) * input.Channels, input.Channels)
                    .CopyTo(result.AsSpan(((y + op.Top) * output.Width + x + op.Left) * output.Channels + op.ChannelsBefore));
            }
        }

        return result;
    }
}
