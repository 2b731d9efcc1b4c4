using KdMtlBench.Host.Natives;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Natives;

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
    [InlineData("build-version", "3.0.0+cu140\n", "3.0.0+cu140")]
    public void Another_major_version_is_refused(string file, string content, string version)
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        File.WriteAllText(_torch.File(file), content);
        Check(Lib, bringsOne: false).ShouldContain($"which is libtorch {version}; this TorchSharp is built for 2.10");
    }

    [Theory, InlineData("__version__ = '2.10.0+cu128'"), InlineData("__version__ = '2.11.0+cu130'"), InlineData("")]
    public void The_right_version_passes_and_so_does_another_minor_one_and_one_that_is_not_written_down(string content)
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        File.WriteAllText(_torch.File("version.py"), content);
        Check(Lib, bringsOne: false).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("__version__ = '2.10.1+cpu'\n", null)]
    [InlineData("__version__ = '2.11.0+cu130'\n", "which is libtorch 2.11.0+cu130; this TorchSharp is built for 2.10. All that is called is there by name")]
    [InlineData("", null)]
    public void Another_minor_version_that_has_all_that_is_called_gives_a_warning(string content, string? warning)
    {
        RealLibraries();
        File.WriteAllText(_torch.File("version.py"), content);
        var (_, said) = InstalledLibtorch.Load(Lib, ProgramWithoutLibtorch(), [typeof(InstalledLibtorch).Assembly.Location]);
        if (warning is null)
            said.ShouldBeNull();
        else
            said.ShouldNotBeNull().ShouldContain(warning);
    }

    [Fact]
    public void One_that_lacks_what_is_called_is_refused()
    {
        RealLibraries();
        File.Delete(Path.Combine(Lib, "libtorch.so")); // which leads to all the others
        File.Delete(Path.Combine(Lib, "libtorch_cpu.so"));
        foreach (var name in new[] { "libtorch.so", "libtorch_cpu.so" })
            File.CreateSymbolicLink(Path.Combine(Lib, name), Path.Combine(AppContext.BaseDirectory, "libc10.so"));
        File.WriteAllText(_torch.File("version.py"), "__version__ = '2.11.0'\n");
        Should.Throw<InputException>(() => InstalledLibtorch.Load(Lib, ProgramWithoutLibtorch(),
            [typeof(InstalledLibtorch).Assembly.Location]))
            .Message.ShouldMatch("libtorch 2.11.0; this TorchSharp is built for 2.10: .* of which are missing; `kdmtl doctor` names them");
    }

    [Fact]
    public void A_file_that_is_no_library_is_said_to_be_none()
    {
        Libraries("libc10.so", "libtorch_cpu.so", "libtorch.so");
        Should.Throw<InputException>(() => InstalledLibtorch.Load(Lib, _program.Path,
            [])).Message.ShouldContain("libc10.so cannot be loaded");
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

    private void RealLibraries()
    {
        Directory.CreateDirectory(Lib);
        string[] openMp = [.. Directory.GetFiles(AppContext.BaseDirectory, "libgomp*").Select(Path.GetFileName).OfType<string>()]; // which they are linked to
        foreach (var name in openMp.Concat(["libc10.so", "libtorch_cpu.so", "libtorch.so"]))
            File.CreateSymbolicLink(Path.Combine(Lib, name), Path.Combine(AppContext.BaseDirectory, name));
    }

    /// <summary>A folder as a build without libtorch has it.</summary>
    private string ProgramWithoutLibtorch()
    {
        foreach (var file in new[] { "TorchSharp.dll", "libLibTorchSharp.so" })
            File.CreateSymbolicLink(_program.File(file), Path.Combine(AppContext.BaseDirectory, file));
        return _program.Path;
    }

    private void Libraries(params string[] names)
    {
        Directory.CreateDirectory(Lib);
        foreach (var name in names)
            File.WriteAllText(Path.Combine(Lib, name), "");
    }
}
