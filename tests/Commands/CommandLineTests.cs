using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>What is wrong on the command line is one sentence.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("run quick --parallel x", "--parallel (or KDMTL_PARALLEL) is `x`; give a number of runs, 1 or more")]
    [InlineData("run quick --parallel 0", "--parallel (or KDMTL_PARALLEL) is `0`; give a number of runs, 1 or more")]
    [InlineData("check toy --parallel -1", "--parallel (or KDMTL_PARALLEL) is `-1`; give a number of runs, 1 or more")]
    [InlineData("run quick --step-limit-seconds x", "--step-limit-seconds (or KDMTL_STEP_LIMIT_SECONDS) is `x`; give a number of seconds, 1 or more")]
    [InlineData("run quick --step-limit-seconds 0", "--step-limit-seconds (or KDMTL_STEP_LIMIT_SECONDS) is `0`; give a number of seconds, 1 or more")]
    [InlineData("perf quick --rounds x", "--rounds is `x`; give a number of turns, 1 or more")]
    [InlineData("perf quick --steps 0", "--steps is `0`; give a number of steps, 1 or more")]
    public void A_number_that_is_none_is_one_sentence(string arguments, string sentence)
    {
        var (exitCode, output, error) = Kdmtl.Run(arguments.Split(' '));
        exitCode.ShouldBe(2);
        (output + error).Trim().ShouldBe(sentence);
    }

    [Fact]
    public void An_environment_variable_is_judged_as_the_option_is()
    {
        var (exitCode, _, error) = Kdmtl.Run(new Dictionary<string, string> { ["KDMTL_PARALLEL"] = "two" }, "run", "quick");
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe("--parallel (or KDMTL_PARALLEL) is `two`; give a number of runs, 1 or more");
    }
}
