namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Factors of a symmetric positive definite matrix.</summary>
internal static class Cholesky
{
    /// <summary>L with L * L^T = matrix, row by row, zeros above the diagonal.</summary>
    /// <param name="matrix">[n, n], damped enough to be positive definite.</param>
    public static double[][] Factor(double[,] matrix)
    {
        int n = matrix.GetLength(0);
        double[][] factor = new double[n][];
        for (int i = 0; i < n; i++)
        {
            double[] row = factor[i] = new double[n];
            for (int j = 0; j <= i; j++)
            {
                double value = matrix[i, j] - Dot.Of(row, factor[j], j);
                row[j] = i == j ? Math.Sqrt(Math.Max(value, 1e-12)) : value / factor[j][j];
            }
        }

        return factor;
    }

    /// <summary>x with L * L^T * x = right.</summary>
    public static double[] Solve(double[][] factor, double[] right)
    {
        int n = right.Length;
        double[] x = (double[])right.Clone();
        for (int i = 0; i < n; i++)
            x[i] = (x[i] - Dot.Of(factor[i], x, i)) / factor[i][i];
        for (int i = n - 1; i >= 0; i--)
        {
            x[i] /= factor[i][i];
            for (int j = 0; j < i; j++)
                x[j] -= factor[i][j] * x[i];
        }

        return x;
    }
}
