using Mono.Cecil;

namespace KdMtlBench.Host.Natives;

/// <summary>Which native functions some assemblies can reach through a managed library, by reading its code.</summary>
/// <remarks>More are named than are ever called: of a type that is made somewhere, every virtual method counts.</remarks>
internal sealed class EntryPoints
{
    private readonly ModuleDefinition _library;
    private readonly HashSet<MethodDefinition> _seen = [];
    private readonly HashSet<TypeDefinition> _made = [];
    private readonly Stack<MethodDefinition> _open = new();

    private EntryPoints(ModuleDefinition library) => _library = library;

    /// <summary>The names of the native functions that are reached.</summary>
    /// <param name="library">The managed library that declares them, TorchSharp.dll.</param>
    /// <param name="callers">The assemblies that use it.</param>
    public static IReadOnlyCollection<string> Of(string library, IEnumerable<string> callers)
    {
        using var module = ModuleDefinition.ReadModule(library);
        var reach = new EntryPoints(module);
        foreach (var caller in callers)
            reach.AddUsedBy(caller);
        reach.Follow();
        return [.. reach._seen.Where(method => method.IsPInvokeImpl)
            .Select(method => method.PInvokeInfo.EntryPoint ?? method.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private void AddUsedBy(string caller)
    {
        using var module = Read(caller);
        foreach (var member in module?.GetMemberReferences() ?? [])
        {
            if (member.DeclaringType.GetElementType().Scope.Name != _library.Assembly.Name.Name
                || _library.GetType(member.DeclaringType.GetElementType().FullName) is not { } type)
                continue;
            Initialise(type);
            if (member is MethodReference method)
                foreach (var candidate in type.Methods.Where(candidate => candidate.Name == method.Name
                    && candidate.Parameters.Count == method.Parameters.Count))
                    Add(candidate);
        }
    }

    /// <summary>A file that is no assembly uses nothing; what is wrong with a plugin is said where it is loaded.</summary>
    private static ModuleDefinition? Read(string file)
    {
        try
        {
            return ModuleDefinition.ReadModule(file);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }

    private void Follow()
    {
        while (_open.TryPop(out var method))
            foreach (var instruction in method.Body.Instructions)
            {
                if (instruction.Operand is MethodReference called && InLibrary(called) && called.Resolve() is { } target)
                    Add(target);
                else if (instruction.Operand is FieldReference field && InLibrary(field) && field.DeclaringType.Resolve() is { } type)
                    Initialise(type);
            }
    }

    private void Add(MethodDefinition method)
    {
        if (!_seen.Add(method))
            return;
        if (method.HasBody)
            _open.Push(method);
        Initialise(method.DeclaringType);
        if (method.IsConstructor && !method.IsStatic && _made.Add(method.DeclaringType))
            foreach (var @virtual in method.DeclaringType.Methods.Where(candidate => candidate.IsVirtual))
                Add(@virtual);
    }

    private void Initialise(TypeDefinition type)
    {
        if (type.Methods.FirstOrDefault(method => method.IsConstructor && method.IsStatic) is { } initialiser)
            Add(initialiser);
    }

    private bool InLibrary(MemberReference member) => ReferenceEquals(member.DeclaringType.GetElementType().Scope, _library);
}
