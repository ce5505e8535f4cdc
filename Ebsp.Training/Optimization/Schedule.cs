namespace Ebsp.Training.Optimization;

/// <summary>How the learning rate goes down.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine, to zero (Loshchilov and Hutter 2017).</summary>
    Cosine,

    /// <summary>A tenth after half of the steps, and a tenth of that after three quarters.</summary>
    Step,
}

/// <summary>The learning rate of every step.</summary>
/// <param name="Kind">How it goes down.</param>
/// <param name="Rate">Its largest value.</param>
/// <param name="WarmUp">Steps over which it rises to it in a straight line.</param>
/// <param name="Total">All steps.</param>
internal readonly record struct Schedule(ScheduleKind Kind, double Rate, int WarmUp, int Total)
{
    /// <summary>Of a step, from 0.</summary>
    public float At(int step)
    {
        if (step < WarmUp)
            return (float)(Rate * (step + 1) / (WarmUp + 1));
        double done = (double)(step - WarmUp) / Math.Max(1, Total - WarmUp);
        return (float)(Rate * (Kind == ScheduleKind.Cosine ? (1 + Math.Cos(Math.PI * Math.Min(1, done))) / 2
            : done < 0.5 ? 1 : done < 0.75 ? 0.1 : 0.01));
    }
}
