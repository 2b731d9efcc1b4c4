using KdMtlBench.Host.Commands.Doctor;
using KdMtlBench.Host.Natives;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Natives;

public class LibtorchFitTests
{
    private const string Convolution = "_ZN2at4_ops6conv2d4call";

    private static readonly string[] _callers =
    [
        Path.Combine(AppContext.BaseDirectory, "kdmtl.dll"),
        .. Directory.GetDirectories(Repository.Plugins).SelectMany(folder => Directory.GetFiles(folder, "*.dll")),
    ];

    [Fact]
    public void The_libtorch_of_the_tests_fits()
    {
        var fit = LibtorchFit.Of(AppContext.BaseDirectory, _callers, LibtorchFit.In(InstalledLibtorch.Open(AppContext.BaseDirectory)));
        fit.Fits.ShouldBeTrue(fit.Summary);
        fit.Called.Count.ShouldBeGreaterThan(150);
        fit.Needed.ShouldBeGreaterThan(300);
        fit.Summary.ShouldEndWith("all are there");
    }

    [Fact]
    public void A_missing_function_is_named_with_the_call_that_needs_it()
    {
        var fit = Without(symbol => symbol.StartsWith(Convolution, StringComparison.Ordinal));
        fit.Fits.ShouldBeFalse();
        fit.MissingAtLoad.ShouldBeEmpty();
        var (name, function) = fit.MissingInCalls.ShouldHaveSingleItem();
        name.ShouldStartWith(Convolution);
        function.ShouldBe("THSTensor_conv2d");
        LibtorchFindings.Fit(fit, AppContext.BaseDirectory).ShouldContain(finding =>
            finding.State == FindingState.Missing && finding.Text.StartsWith(Convolution)
                && finding.Text.EndsWith("which THSTensor_conv2d calls"));
    }

    [Fact]
    public void A_function_that_nothing_here_calls_may_be_missing()
    {
        var fit = Without(symbol => symbol.Contains("special_chebyshev_polynomial_v", StringComparison.Ordinal));
        fit.Fits.ShouldBeTrue();
        fit.MissingElsewhere.ShouldNotBeEmpty();
    }

    [Fact]
    public void Data_is_missing_at_once()
    {
        var fit = Without(symbol => symbol == "_ZTIN3c105ErrorE");
        fit.MissingAtLoad.ShouldBe(["_ZTIN3c105ErrorE"]);
        fit.Fits.ShouldBeFalse();
    }

    [Fact]
    public void What_a_plugin_alone_calls_is_found_in_the_plugin()
    {
        using var folder = new TemporaryFolder();
        PluginCompiler.Compile(folder.Path, "Cholesky", """
            [Strategy("cholesky", Title = "Cholesky", Family = StrategyFamily.LossWeighting, Paper = "none")]
            public sealed class Cholesky : LossWeighting
            {
                protected override Tensor Weights(ITrainingStep step, Tensor objectives) => linalg.cholesky(eye(3)).sum(0);
            }
            """);
        var program = LibtorchFit.Of(AppContext.BaseDirectory, _callers, _ => true);
        program.Called.ShouldNotContain("THSLinalg_cholesky");
        LibtorchFit.Of(AppContext.BaseDirectory, [.. _callers, folder.File("Cholesky/Cholesky.dll")], _ =>
            true).Called.ShouldContain("THSLinalg_cholesky");
    }

    private static LibtorchFit Without(Func<string, bool> missing) => LibtorchFit.Of(AppContext.BaseDirectory, _callers, symbol =>
        !missing(symbol));
}
