using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Commands;

/// <summary>Strategies that end the process they run in, each in its own way.</summary>
public class WorkerDeathTests
{
    private const string Tiny = """
        benchmark:
          scenes: {height: 16, width: 16, train: 8, validation: 2, test: 2}
        model:
          segnet: {width: 0.05, stages: 2}
        training: {epochs: 2, batch-size: 8}
        seeds: [1]

        """;

    private const string Deadly = """
        using System.Runtime.InteropServices;

        [Strategy("unused", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Unused : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                using var recorded = enable_grad();
                var (used, unused) = (ones(1, requires_grad: true), ones(1, requires_grad: true));
                autograd.grad([(used * losses).sum()], [unused]);
                return ones_like(losses);
            }
        }

        [Strategy("leaver", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Leaver : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                Environment.Exit(0);
                return losses;
            }
        }

        [Strategy("endless-call", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class EndlessCall : LossWeighting
        {
            protected override Tensor Weights(ITrainingStep step, Tensor losses) => Weights(step, losses) + 1;
        }

        [Strategy("trespasser", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Trespasser : LossWeighting
        {
            [DllImport("libc")]
            private static extern nint memset(nint memory, int value, nint count);

            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                memset(0x1000, 1, 8);
                return losses;
            }
        }

        [Strategy("glutton", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
        public sealed class Glutton : LossWeighting
        {
            private readonly List<Tensor> _all = new();

            protected override Tensor Weights(ITrainingStep step, Tensor losses)
            {
                while (true)
                    _all.Add(ones(16 << 20).DetachFromDisposeScope());
            }
        }
        """;

    [Fact]
    public void A_run_that_ends_its_process_fails_alone_with_the_reason_and_all_others_finish()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Deadly", Deadly);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Tiny + "strategies: [unused, leaver, endless-call, trespasser, glutton, uniform, dwa]");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--parallel", "2", "--memory-limit", "1500MiB", "--plugins", plugins.Path + Path.PathSeparator + Repository.Plugins);
        exitCode.ShouldBe(1, output + error);
        var records = new RunStore(folder.Output).ReadAll().Records.ToDictionary(record => record.SingleTask ?? record.Strategy);
        records.Values.Where(record => record.Status == RunStatus.Done).Select(record => record.Strategy).Distinct().ShouldBe(["single-task", "uniform", "dwa"], ignoreOrder: true);
        Failure("unused").ShouldStartWith("the process that ran it ended by SIGABRT: ");
        Failure("unused").ShouldContain("of the differentiated Tensors appears to not have been used in the graph");
        Failure("leaver").ShouldBe("the process that ran it ended with exit code 0");
        Failure("endless-call").ShouldStartWith("the process that ran it ended by SIGABRT: ");
        Failure("endless-call").ShouldContain("Stack overflow.");
        Failure("trespasser").ShouldStartWith("the process that ran it ended by SIG");
        Failure("glutton").ShouldBe("the process that ran it was ended, since it took more than --memory-limit 1500MiB");
        File.ReadAllText(folder.File($"output/runs/{records["unused"].Id}/failure.txt")).ShouldContain("frame #0: ");
        output.ShouldContain("that it was at are tried again, each alone");
        var leaderboard = File.ReadAllText(folder.File("output/leaderboard.md"));
        foreach (var strategy in new[] { "unused", "leaver", "endless-call", "trespasser", "glutton", "uniform", "dwa" })
            leaderboard.ShouldContain(strategy);
        leaderboard.ShouldNotContain("unfinished");

        string Failure(string strategy) => records[strategy].Failure.ShouldNotBeNull();
    }

    [Fact]
    public void A_strategy_that_ends_the_process_when_it_is_tried_fails_its_run_alone_too()
    {
        using var plugins = new TemporaryFolder();
        PluginCompiler.Compile(plugins.Path, "Rash", """
            [Strategy("rash", Title = "", Paper = "", Family = StrategyFamily.LossWeighting)]
            public sealed class Rash : LossWeighting
            {
                public override void Initialise(ITrainingSetup setup) => Environment.Exit(3);

                protected override Tensor Weights(ITrainingStep step, Tensor losses) => losses;
            }
            """);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Tiny + "strategies: [rash, uniform]");
        var (exitCode, output, error) = Kdmtl.Run("run", folder.Path, "--plugins", plugins.Path + Path.PathSeparator + Repository.Plugins);
        exitCode.ShouldBe(1, output + error);
        var failed = new RunStore(folder.Output).ReadAll().Records.Where(record => record.Status == RunStatus.Failed).ToList();
        failed.ShouldHaveSingleItem().Failure.ShouldBe("the process that ran it ended with exit code 3");
    }

    [Theory]
    [InlineData("12")]
    [InlineData("0GiB")]
    [InlineData("1GB")]
    public void A_memory_limit_without_a_unit_starts_nothing(string limit)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("sweep.yaml"), Tiny + "strategies: [uniform]");
        var (exitCode, _, error) = Kdmtl.Run("run", folder.Path, "--memory-limit", limit);
        exitCode.ShouldBe(2);
        error.Trim().ShouldBe($"--memory-limit (or KDMTL_MEMORY_LIMIT) is `{limit}`; give a size as 24GiB or 500MiB");
    }
}
