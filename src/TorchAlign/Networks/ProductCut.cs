namespace TorchAlign.Networks;

/// <summary>
/// Where to cut a network for the gradient of a loss of its product: at a width w = d_b, P = U V with U = W_L ... W_{b+1} (d_L, w)
/// and V = W_b ... W_1 (w, d_0). With G = dR/dP the layers above the cut see G V^T (d_L, w), those below U^T G (w, d_0), so that
/// every product has w rows or columns: the cut that costs least is at a bottleneck, or at the smaller of input and output.
/// </summary>
internal static class ProductCut
{
    /// <summary>b, from 0 to L; the first of several that tie.</summary>
    public static int Of(NetworkShape shape) => Enumerable.Range(0, shape.Depth + 1).MinBy(cut => ThirdOfWork(shape, cut));

    /// <summary>Multiplications of one gradient at the cheapest cut, without those of the loss.</summary>
    public static double Work(NetworkShape shape) => 3 * ThirdOfWork(shape, Of(shape));

    /// <summary>A third of the multiplications of one gradient.</summary>
    private static double ThirdOfWork(NetworkShape shape, int cut)
    {
        var cost = cut > 0 && cut < shape.Depth ? (double)shape.Outputs * shape.Inputs : 0;
        for (var k = 0; k < shape.Depth; k++)
            if (k != cut && k != cut - 1) cost += (double)shape.Rows(k) * shape.Columns(k);
        return cost * shape.Widths[cut];
    }
}
