using System.Globalization;

namespace KdMtlBench.Host.Commands.Slurm;

/// <summary>The scripts of a sweep's jobs, as text.</summary>
internal static class SlurmScripts
{
    /// <summary>An array of workers, since the number of runs need not be known: each makes what no other makes.</summary>
    /// <param name="job">What is asked for.</param>
    /// <param name="command">The program with its arguments.</param>
    /// <param name="environment">A script to be sourced first; null for none.</param>
    public static string Workers(SlurmJob job, IReadOnlyList<string> command, string? environment) => Script(
        [
            $"--job-name=kdmtl-{job.Name}",
            $"--array=1-{job.Workers.ToString(CultureInfo.InvariantCulture)}",
            $"--output={Path.Combine(job.Folder, "worker-%a.log")}",
            "--open-mode=append",
            "--requeue",
            $"--signal=B:USR1@{job.WarningSeconds.ToString(CultureInfo.InvariantCulture)}",
            .. Asked(job.Partition, "--partition"),
            .. Asked(job.Time, "--time"),
            .. Asked(job.Gpus, "--gpus-per-node"),
            .. Asked(job.Cpus?.ToString(CultureInfo.InvariantCulture), "--cpus-per-task"),
            .. Asked(job.Memory, "--mem"),
            .. job.Others,
        ],
        job,
        environment,
        $$"""
        stop() { stopped=1; kill -TERM "$worker"; }
        trap stop TERM              # cancelled, or ended for another job: Slurm puts it back itself in the latter case
        trap 'again=1; stop' USR1   # the time limit is near
        {{Line(job, command)}} &
        worker=$!
        wait "$worker"; code=$?
        while [ -n "${stopped:-}" ]; do stopped=; wait "$worker"; code=$?; done

        # What was under way goes on from its last checkpoint when this task runs again.
        if [ -n "${again:-}" ] && [ "$code" -ne 0 ]; then scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"; fi
        exit "$code"
        """);

    /// <summary>What follows when all workers have ended, well or badly.</summary>
    public static string Leaderboard(SlurmJob job, IReadOnlyList<string> command, string? environment) => Script(
        [
            $"--job-name=kdmtl-{job.Name}-leaderboard",
            $"--output={Path.Combine(job.Folder, "leaderboard.log")}",
            .. Asked(job.Partition, "--partition"),
            .. job.Others,
        ],
        job,
        environment,
        $"exec {Line(job, command)}\n");

    private static string Script(IEnumerable<string> directives, SlurmJob job, string? environment, string body) =>
        $"""
        #!/usr/bin/env bash
        {string.Join('\n', directives.Select(directive => $"#SBATCH {directive}"))}
        # Written by `kdmtl submit`.
        cd {Quoted(job.WorkingFolder)}
        {(environment is null ? "" : $". {Quoted(environment)}\n")}
        {body}
        """.Replace("\r", "") + "\n";

    private static string Line(SlurmJob job, IReadOnlyList<string> command) => (job.Container.Length == 0 ? "" : job.Container + " ") + string.Join(' ', command.Select(Quoted));

    private static IEnumerable<string> Asked(string? value, string option) => value is null ? [] : [$"{option}={value}"];

    private static string Quoted(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || "-_=/.,:+".Contains(c)) && word.Length > 0 ? word : $"'{word.Replace("'", @"'\''")}'";
}
