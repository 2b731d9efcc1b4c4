using KdMtlBench.Host.Storage;
using KdMtlBench.Host.Storage.Sharing;
using KdMtlBench.Tests.Support;

namespace KdMtlBench.Tests.Storage;

public sealed class ClaimFolderTests : IDisposable
{
    private const string Run = "scenes.segnet.dwa.s1.abc123";

    private readonly TemporaryFolder _folder = new();
    private readonly ClaimFolder _claims;
    private readonly Holder _me = Holder.New();
    private readonly Holder _other = Holder.New();

    public ClaimFolderTests()
    {
        _claims = new ClaimFolder(_folder.Path, TimeSpan.FromMinutes(3));
        _claims.Open(new Session("plan", 3));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Of_many_that_want_a_run_at_once_one_has_it()
    {
        var taken = new Claim?[32];
        Parallel.For(0, taken.Length, i => taken[i] = _claims.TryTake(Run, 1, i % 2 == 0 ? _me : _other));
        var claim = taken.OfType<Claim>().ShouldHaveSingleItem();
        _claims.Latest(Run).ShouldBe(claim);
        _claims.Stands(claim).ShouldBeTrue();
        _claims.Taken().ShouldBe([Run]);
        Directory.GetFiles(_folder.File(".claims/runs")).Select(Path.GetFileName).ShouldBe([$"{Run}.1"]);
    }

    [Fact]
    public void A_run_that_is_taken_over_is_no_longer_its_first_holders()
    {
        var first = _claims.TryTake(Run, 1, _me).ShouldNotBeNull();
        var second = _claims.TryTake(Run, 2, _other).ShouldNotBeNull();
        _claims.TryTake(Run, 2, _me).ShouldBeNull();
        _claims.Stands(first).ShouldBeFalse();
        _claims.Stands(second).ShouldBeTrue();
        _claims.Latest(Run).ShouldNotBeNull().Holder.ShouldBe(_other.Token);
        _claims.Clear();
        _claims.Stands(second).ShouldBeFalse();
        _claims.TryTake(Run, 3, _me).ShouldBeNull();
        _claims.Tell(new SignOfLife(_me, []));
        _claims.Exists.ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("0123")]
    [InlineData("0123 4567")]
    public void A_claim_that_was_not_written_to_its_end_is_a_dead_process_s(string text)
    {
        File.WriteAllText(_folder.File($".claims/runs/{Run}.1"), text);
        _claims.IsDead(_claims.Latest(Run).ShouldNotBeNull().Holder).ShouldBeTrue();
    }

    [Fact]
    public void Who_gives_signs_lives_and_who_has_left_or_ended_does_not()
    {
        _claims.IsDead(_me.Token).ShouldBeTrue();
        _claims.Tell(new SignOfLife(_me, []));
        _claims.IsDead(_me.Token).ShouldBeFalse();
        _claims.Leave(_me);
        _claims.IsDead(_me.Token).ShouldBeTrue();

        _claims.Tell(new SignOfLife(_me with { StartTicks = _me.StartTicks - 1 }, [])); // its number is another process's now
        _claims.IsDead(_me.Token).ShouldBeTrue();
        _claims.Tell(new SignOfLife(_me with { StartTicks = _me.StartTicks - 1, Kernel = "another machine" }, []));
        _claims.IsDead(_me.Token).ShouldBeFalse();
    }

    [Fact]
    public void Silence_is_told_by_the_file_systems_clock()
    {
        _claims.Tell(new SignOfLife(_me, []));
        var sign = _folder.File($".claims/holders/{_me.Token}.json");
        File.SetLastWriteTimeUtc(sign, File.GetLastWriteTimeUtc(sign) - TimeSpan.FromMinutes(2));
        _claims.IsDead(_me.Token).ShouldBeFalse();
        File.SetLastWriteTimeUtc(sign, File.GetLastWriteTimeUtc(sign) - TimeSpan.FromMinutes(2));
        _claims.IsDead(_me.Token).ShouldBeTrue();
    }
}
