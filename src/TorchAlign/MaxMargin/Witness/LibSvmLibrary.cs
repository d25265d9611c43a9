using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace TorchAlign.MaxMargin;

/// <summary>
/// libsvm's C interface (svm.h of version 3.24; the part used here has not moved from 3.0 on), loaded if it is installed. libsvm prints
/// through one function pointer for the whole process, so calls are made one at a time.
/// </summary>
internal static unsafe partial class LibSvmLibrary
{
    public const int CSvc = 0;
    public const int OneClass = 2;
    public const int Linear = 0;

    private static readonly string[] Names = ["libsvm.so.3", "libsvm.so", "libsvm.so.2", "libsvm.dylib", "libsvm.dll"];
    private static readonly object OneAtATime = new();
    private static readonly StringBuilder Printed = new();
    private static readonly nint Handle = Load();

    [StructLayout(LayoutKind.Sequential)]
    public struct Node
    {
        public int Index; // from 1; -1 ends a vector
        public double Value;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Problem
    {
        public int Count;
        public double* Y;
        public Node** X;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct Parameter
    {
        public int SvmType;
        public int KernelType;
        public int Degree;
        public double Gamma;
        public double Coef0;
        public double CacheMegabytes;
        public double Eps;
        public double C;
        public int WeightCount;
        public int* WeightLabels;
        public double* Weights;
        public double Nu;
        public double P;
        public int Shrinking;
        public int Probability;
    }

    /// <summary>The beginning of svm_model; later fields differ between versions and are not touched.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Model
    {
        public Parameter Parameter;
        public int ClassCount;
        public int Count;
        public Node** SupportVectors;
        public double** Coefficients;
    }

    public static bool Available => Handle != 0;

    /// <summary>As libsvm counts: 324 is 3.24. 0 if it is not there or does not say.</summary>
    public static int Version =>
        Available && NativeLibrary.TryGetExport(Handle, "libsvm_version", out nint address) ? *(int*)address : 0;

    /// <summary>Trains; gives the coefficient of each point (count), the iterations libsvm printed and whatever else it printed.</summary>
    /// <exception cref="InvalidOperationException">libsvm is not available or refuses the parameters.</exception>
    public static double[] Train(Problem problem, Parameter parameter, out long iterations)
    {
        if (!Available) throw new InvalidOperationException("libsvm is not installed.");
        var check = (delegate* unmanaged[Cdecl]<Problem*, Parameter*, byte*>)Export("svm_check_parameter");
        var train = (delegate* unmanaged[Cdecl]<Problem*, Parameter*, Model*>)Export("svm_train");
        var supportCount = (delegate* unmanaged[Cdecl]<Model*, int>)Export("svm_get_nr_sv");
        var supportIndices = (delegate* unmanaged[Cdecl]<Model*, int*, void>)Export("svm_get_sv_indices");
        var free = (delegate* unmanaged[Cdecl]<Model**, void>)Export("svm_free_and_destroy_model");
        var setPrint =
            (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<byte*, void>, void>)Export("svm_set_print_string_function");

        lock (OneAtATime)
        {
            byte* refusal = check(&problem, &parameter);
            if (refusal is not null)
                throw new InvalidOperationException(
                    $"libsvm refuses its parameters: {Marshal.PtrToStringUTF8((nint)refusal)}");
            Printed.Clear();
            setPrint(&Print);
            Model* model = train(&problem, &parameter);
            try
            {
                iterations = Iterations(Printed.ToString());
                int count = supportCount(model);
                var indices = new int[count];
                fixed (int* first = indices) supportIndices(model, first);
                var coefficients = new double[problem.Count];
                for (int k = 0; k < count; k++) coefficients[indices[k] - 1] = model->Coefficients[0][k];
                return coefficients;
            }
            finally
            {
                free(&model);
            }
        }
    }

    /// <summary>The sum of all "#iter = N" in what libsvm printed.</summary>
    internal static long Iterations(string printed) => IterationText().Matches(printed).Sum(m => long.Parse(m.Groups[1].ValueSpan));

    [GeneratedRegex(@"#iter = (\d+)")]
    private static partial Regex IterationText();

    [UnmanagedCallersOnly(CallConvs = [typeof(System.Runtime.CompilerServices.CallConvCdecl)])]
    private static void Print(byte* text) => Printed.Append(Marshal.PtrToStringUTF8((nint)text));

    private static nint Export(string name) => NativeLibrary.GetExport(Handle, name);

    private static nint Load()
    {
        foreach (string name in Names)
            if (NativeLibrary.TryLoad(name, typeof(LibSvmLibrary).Assembly, null, out nint handle)) return handle;
        return 0;
    }
}
