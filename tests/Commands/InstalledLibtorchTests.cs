using KdMtlBench.Host;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

public sealed class InstalledLibtorchTests : IDisposable
{
    private readonly TemporaryFolder _program = new();
    private readonly TemporaryFolder _torch = new();

    private string Lib => _torch.File("lib");

    [Fact]
    public void A_build_with_its_own_libtorch_needs_nothing_said() => Check(null, bringsOne: true).ShouldBeEmpty();

    [Fact]
    public void A_second_libtorch_is_refused() => Check(Lib, bringsOne: true).ShouldContain("brings its own libtorch");

    [Fact]
    public void A_build_without_one_says_how_to_name_one() => Check(null, bringsOne: false).ShouldContain("let KDMTL_LIBTORCH name the folder");

    [Fact]
    public void A_folder_without_the_libraries_is_refused_with_what_it_lacks()
    {
        Libraries("libc10.so");
        Check(Lib, bringsOne: false).ShouldContain("is without libtorch_cpu.so, libtorch.so;");
    }

    [Theory]
    [InlineData("version.py", "__version__ = '1.13.0a0+gitunknown'\n", "1.13.0a0+gitunknown")]
    [InlineData("version.py", "__version__ = '2.1.0'\n", "2.1.0")]
    [InlineData("build-version", "2.11.0+cu128\n", "2.11.0+cu128")]
    public void Another_version_is_named(string file, string content, string version)
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        File.WriteAllText(_torch.File(file), content);
        Check(Lib, bringsOne: false).ShouldContain($"which is libtorch {version}; this TorchSharp is built for 2.10");
    }

    [Theory, InlineData("__version__ = '2.10.0+cu128'"), InlineData("")]
    public void The_right_version_passes_and_so_does_one_that_is_not_written_down(string content)
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        File.WriteAllText(_torch.File("version.py"), content);
        Check(Lib, bringsOne: false).ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_is_no_library_is_said_to_be_none()
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        Should.Throw<InputException>(() => InstalledLibtorch.Load(Lib, _program.Path)).Message.ShouldContain("libc10.so cannot be loaded");
    }

    public void Dispose()
    {
        _program.Dispose();
        _torch.Dispose();
    }

    private string Check(string? folder, bool bringsOne)
    {
        if (bringsOne)
            File.WriteAllText(_program.File("libtorch_cpu.so"), "");
        try
        {
            InstalledLibtorch.Check(folder, _program.Path);
            return "";
        }
        catch (InputException e)
        {
            return e.Message;
        }
    }

    private void Libraries(params string[] names)
    {
        Directory.CreateDirectory(Lib);
        foreach (var name in names)
            File.WriteAllText(Path.Combine(Lib, name), "");
    }
}
