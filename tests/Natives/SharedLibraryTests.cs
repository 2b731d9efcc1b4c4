using KdMtlBench.Host.Natives;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Natives;

public class SharedLibraryTests
{
    private static readonly string _path = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    private static readonly SharedLibrary _library = SharedLibrary.Read(_path);

    [Fact]
    public void What_it_offers_and_asks_for_is_told_apart()
    {
        _library.Exports.ShouldContain("THSTensor_neg");
        _library.Imports.ShouldContain("_ZN2at4_ops3neg4callERKNS_6TensorE");
        _library.Exports.Overlaps(_library.Imports).ShouldBeFalse();
        _library.AtLoad.ShouldContain("_ZTIN3c105ErrorE"); // type information, which is data
        _library.AtLoad.ShouldNotContain("_ZN2at4_ops3neg4callERKNS_6TensorE");
    }

    [Theory]
    [InlineData("THSTensor_neg", "_ZN2at4_ops3neg4callERKNS_6TensorE")]
    [InlineData("THSTensor_matmul", "_ZNK2at6Tensor6matmul", "_ZN2at4_ops6matmul4call")]
    [InlineData("THSTorch_set_num_threads", "_ZN2at15set_num_threadsEi")]
    [InlineData("THSAutograd_grad", "_ZN5torch8autograd4gradE")]
    public void A_function_needs_what_it_calls(string export, params string[] either) =>
        _library.NeededBy(export).ShouldContain(symbol => either.Any(symbol.StartsWith));

    [Fact]
    public void And_nothing_that_others_call()
    {
        _library.NeededBy("THSTensor_neg").ShouldNotContain(symbol => symbol.Contains("matmul") || symbol.Contains("Adam"));
        _library.NeededBy("no such function").ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_ends_too_soon_is_said_to_be_damaged()
    {
        using var folder = new TemporaryFolder();
        var whole = File.ReadAllBytes(_path);
        foreach (var length in new[] { 20, 64, 4096, whole.Length / 2, whole.Length - 1000 })
        {
            File.WriteAllBytes(folder.File("short.so"), whole[..length]);
            Should.Throw<InputException>(() => SharedLibrary.Read(folder.File("short.so")),
                $"{length} bytes").Message.ShouldContain("short.so is ");
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_said_to_be_none()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("text.so"), "no library at all, but longer than a header of 64 bytes has to be");
        Should.Throw<InputException>(() => SharedLibrary.Read(folder.File("text.so"))).Message.ShouldContain("text.so is no shared library");
    }

    [Fact]
    public void A_damaged_byte_here_or_there_ends_in_a_sentence_or_in_nothing()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(_path);
        var random = new Random(3);
        for (var i = 0; i < 10; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var k = 0; k < 50; k++)
                damaged[random.Next(4) == 0 ? damaged.Length - 1 - random.Next(2000) : random.Next(0x40000)] ^= (byte)random.Next(1,
                    256); // headers and tables
            File.WriteAllBytes(folder.File("damaged.so"), damaged);
            try
            {
                SharedLibrary.Read(folder.File("damaged.so")).NeededBy("THSTensor_neg");
            }
            catch (InputException e)
            {
                e.Message.ShouldContain("damaged.so is ");
            }
        }
    }
}
