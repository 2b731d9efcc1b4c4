using System.CommandLine;
using KdMtlBench.Host.Commands;

var root = new RootCommand("kdmtl: a benchmark of multi-task-learning balancing methods")
{
    RunCommand.Create(),
    WorkerCommand.Create(),
    StatusCommand.Create(),
    SubmitCommand.Create(),
    MergeCommand.Create(),
    ListCommand.Create(),
    LeaderboardCommand.Create(),
    ReportCommand.Create(),
    CompareCommand.Create(),
    CheckCommand.Create(),
    StoreCommand.Create(),
    PerfCommand.Create(),
    PeersCommand.Create(),
    SimulateCommand.Create(),
    DataCommand.Create(),
    DoctorCommand.Create(),
};

// Ctrl-C is the Generic Host's: it ends runs at their next step and still writes the leaderboard.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
