using System.Reflection;
using TorchSharp;

namespace LibTorchBinding.Tests.Binding;

/// <summary>Every operator the binding names exists in the libtorch it runs on.</summary>
public class OperatorTests
{
    [Fact]
    public void All_operators_are_found()
    {
        var operators = typeof(torch).Assembly.GetType("TorchSharp.Op")!
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic);
        Assert.True(operators.Length > 200);
        var resolve = operators[0].FieldType.GetMethod("Resolve", BindingFlags.Instance | BindingFlags.NonPublic)!;
        var missing = operators.Where(f =>
        {
            try
            {
                return (IntPtr)resolve.Invoke(f.GetValue(null), [])! == 0;
            }
            catch (TargetInvocationException)
            {
                return true;
            }
        });
        Assert.Equal([], missing.Select(f => f.Name));
    }
}
