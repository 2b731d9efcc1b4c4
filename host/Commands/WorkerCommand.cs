using System.CommandLine;
using System.Runtime.InteropServices;
using KdMtlBench.Host.Runs;
using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Sweeps;
using KdMtlBench.Host.Sweeps.Checks;
using KdMtlBench.Host.Sweeps.Reading;
using KdMtlBench.Host.Sweeps.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace KdMtlBench.Host.Commands;

/// <summary><c>kdmtl worker</c>: what <c>kdmtl run</c> starts to make its runs; nobody types it.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var command = new Command("worker", "Execute runs for the process that started this one") { Hidden = true };
        command.SetAction(async (_, _) =>
        {
            if (WorkerJob.FromLine(Console.In.ReadLine() ?? "") is not { } job)
            {
                await Console.Error.WriteLineAsync("`kdmtl run` starts workers, and tells them what to do");
                return Application.BadInput;
            }

            Provenance.CalledAs = job.CalledAs;
            var pipe = new StreamWriter(Console.OpenStandardOutput());
            Console.SetOut(Console.Error); // what plugins print is no event
            AppDomain.CurrentDomain.ProcessExit += (_, _) => EndNow(Environment.ExitCode);
            return await Application.RunAsync(
                new Dictionary<string, string?> { ["data"] = job.Data, ["plugins"] = job.Plugins },
                (services, cancellation) => Work(services, job, pipe, cancellation));
        });
        return command;
    }

    private static int Work(IServiceProvider services, WorkerJob job, TextWriter pipe, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        new Thread(() => Obey(stop)) { Name = "supervisor", IsBackground = true }.Start();
        using var events = new EventWriter(pipe);
        var (lastWord, text) = LastWord(() => Make(services, job, events, stop.Token), stop.Token);
        events.End(lastWord, text);
        return 0;
    }

    private static void Make(IServiceProvider services, WorkerJob job, EventWriter events, CancellationToken cancellation)
    {
        var settings = new SweepSettings(job.Data, Devices.Named(job.Device), job.Parallel, job.Fresh)
        {
            Workers = job.Workers,
            StepLimit = TimeSpan.FromSeconds(job.StepLimitSeconds),
            Conflict = job.Conflict,
            TensorBoard = job.TensorBoard,
        };
        var whole = job.WholeOf(services.GetRequiredService<SweepReader>().Read(job.SweepFile, job.Overrides));
        if (!job.Share.Joins)
            SweepChecks.WithoutData(whole);
        new SweepWorker(settings, job.Share) { Beginning = events.Beginning }.Make(job.PartOf(whole), new OneAtATime(events), cancellation);
    }

    private static (WorkerEventKind LastWord, string? Text) LastWord(Action work, CancellationToken stop)
    {
        try
        {
            work();
            return (stop.IsCancellationRequested ? WorkerEventKind.Stopped : WorkerEventKind.Done, null);
        }
        catch (OperationCanceledException)
        {
            return (WorkerEventKind.Stopped, null);
        }
        catch (InputException e)
        {
            return (WorkerEventKind.Refused, e.Message);
        }
        catch (StorageException e)
        {
            return (WorkerEventKind.Unwritable, e.Message);
        }
#pragma warning disable CA1031 // the supervisor throws it
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (WorkerEventKind.Faulty, e.ToString());
        }
    }

    /// <summary>Stops when told to, and at once where there is nobody left to tell: two processes must never write to one run.</summary>
    private static void Obey(CancellationTokenSource stop)
    {
        if (Console.In.ReadLine() is not null)
        {
            stop.Cancel();
            _ = Console.In.ReadLine();
        }

        EndNow(1);
    }

    /// <summary>Without taking libraries down first, under which runs on other threads would fail and say so in their records.</summary>
    [DllImport("libc", EntryPoint = "_exit"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern void EndNow(int exitCode);
}
