using TorchAlign.Numerics;

namespace TorchAlign.Tests.Faults;

/// <summary>Damage as disks, editors and people do it, from a seed.</summary>
internal static class Mutation
{
    private static readonly string[] Slips =
        ["", ",", "\"", "\n", "\0", "NaN", "-", "1e999", "99999999999999999999", "null", "{", "é", "ÿ", ":", " ", "0", "-1", "true", "[]"];

    public static byte[] Of(byte[] whole, RandomStream random)
    {
        List<byte> bytes = [.. whole];
        for (var count = 1 + random.NextInt32(3); count > 0; count--) Once(bytes, random);
        return [.. bytes];
    }

    private static void Once(List<byte> bytes, RandomStream random)
    {
        if (bytes.Count == 0) return;
        var at = random.NextInt32(bytes.Count);
        var length = Math.Min(1 + random.NextInt32(12), bytes.Count - at);
        switch (random.NextInt32(7))
        {
            case 0:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 1:
                bytes[at] ^= (byte)(1 << random.NextInt32(8));
                break;
            case 2:
                bytes[at] = (byte)random.NextInt32(256);
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(random.NextInt32(bytes.Count), bytes.GetRange(at, length));
                break;
            case 5:
                bytes.InsertRange(at, System.Text.Encoding.UTF8.GetBytes(Slips[random.NextInt32(Slips.Length)]));
                break;
            default:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, System.Text.Encoding.UTF8.GetBytes(Slips[random.NextInt32(Slips.Length)]));
                break;
        }
    }
}
