namespace KdMtlBench.Host.Runs;

/// <summary>Which lists of strategies mean something: any number of objective strategies, then at most one gradient strategy,
/// each given losses that it can work with.</summary>
internal static class StrategyListRules
{
    /// <summary>What a strategy requires, with what follows from where it takes gradients.</summary>
    public static StrategyRequirements RequirementsOf(Strategy strategy) => strategy.Requirements
        | (strategy is GradientStrategy { At: GradientPoint.Representation } ? StrategyRequirements.Representation : StrategyRequirements.None);

    /// <summary>Why a list means nothing, one sentence each.</summary>
    public static IEnumerable<string> Faults(IReadOnlyList<Component> list)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var (id, strategy) = (list[i].Entry.Id, list[i].Strategy);
            if (strategy is GradientStrategy && i < list.Count - 1)
                yield return list[^1].Strategy is GradientStrategy
                    ? $"`{id}` and `{list[^1].Entry.Id}` both combine gradients; a list has one such strategy at most, at its end"
                    : $"`{id}` combines gradients, so that nothing behind it can change what is minimised; put it at the end of the list";
            if (strategy.Requirements.HasFlag(StrategyRequirements.OriginalLosses) && i > 0)
                yield return $"`{id}` replaces the tasks' losses, and what `{list[i - 1].Entry.Id}` makes of them would be lost; put it first";
            if (strategy.Requirements.HasFlag(StrategyRequirements.PositiveLosses)
                && list.Take(i).LastOrDefault(before => before.Strategy is ObjectiveStrategy { MayTurnNegative: true }) is { } negative)
                yield return $"`{id}` needs positive losses, and those that `{negative.Entry.Id}` returns can be negative; take one of them out, or put `{negative.Entry.Id}` behind";
        }

        foreach (var fault in HostOptionFaults(list))
            yield return fault;
    }

    /// <summary>What a list does not do although it says so, one sentence each.</summary>
    public static IEnumerable<string> Warnings(IReadOnlyList<Component> list)
    {
        for (var i = 1; i < list.Count; i++)
        {
            if (Meaning(list[i].Strategy.ScaleResponse) is not { } meaning)
                continue;
            var scaling = list.Take(i).Reverse().TakeWhile(before => before.Strategy is ObjectiveStrategy { OnlyScalesGradients: true }).Reverse().ToList();
            if (scaling.Count > 0)
                yield return $"`{list[i].Entry.Id}` {meaning}: {string.Join(" and ", scaling.Select(before => $"`{before.Entry.Id}`"))} before it "
                    + (list[i].Strategy is GradientStrategy ? "changes the heads only" : "changes nothing else");
        }
    }

    private static string? Meaning(ScaleResponse response) => response switch
    {
        ScaleResponse.None => "does not respond to positive factors on the losses",
        ScaleResponse.LengthOnly => "responds to positive factors on the losses by the length of the direction only",
        ScaleResponse.Absorbed => "learns factors of its own, which absorb those on the losses",
        _ => null,
    };

    private static IEnumerable<string> HostOptionFaults(IReadOnlyList<Component> list)
    {
        foreach (var component in list.Where(component => component.Strategy is not GradientStrategy))
            foreach (var key in new[] { component.HostOptions.TimesTasks ? "times-tasks" : null, component.HostOptions.WeightedHeads ? "weighted-heads" : null }.OfType<string>())
                yield return $"`{key}` of `{component.Entry.Id}` is for strategies that combine gradients";
        foreach (var component in list.Where(component => component.HostOptions is { ClipNorm: null, Clip: not ClippedPart.Shared }))
            yield return $"`clip` of `{component.Entry.Id}` says what `clip-norm` clips, which is missing";
        if (list.Count(component => component.HostOptions.ClipNorm is not null) > 1)
            yield return "`clip-norm` stands at more than one strategy of this list; gradients are clipped once, after all of them";
    }
}
