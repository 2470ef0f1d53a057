using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Torchlet;

/// <summary>TorchSharp.dll with three things mended, each of which fails loudly where the file is not as it was when this was written.</summary>
/// <remarks>
/// 1. The methods of <see cref="Guards"/> run at the start of those that they are named after.
/// 2. What a method reads native handles of stays alive until it returns. Without it an object that the caller needs no more, such as the Scalar of
/// <c>x * 0.5</c>, may be finalized while native code reads it.
/// 3. libtorch's errors are made by <see cref="Guards"/>, and a freed tensor says what to do.
/// </remarks>
static class TorchSharpPatch
{
    const string Freed = "Tensor invalid -- empty handle.";

    /// <summary>Writes the patched copy of <paramref name="source"/>.</summary>
    /// <exception cref="InvalidDataException">It is another version of TorchSharp than this was written for.</exception>
    public static void Apply(string source, string destination)
    {
        using var module = ModuleDefinition.ReadModule(source);
        var methods = Types(module.Types).SelectMany(t => t.Methods).Where(m => m.HasBody).ToList();
        foreach (var method in methods) KeepAlive(method, module);

        var guards = Clone(typeof(Guards), module);
        foreach (var guard in guards.Methods.Where(m => m.Name.Contains('_'))) Call(guard, methods);
        var error = guards.Methods.Single(m => m.Name == "Error");
        var check = Only(methods, m => m.Name == "CheckForErrors" && m.DeclaringType.Name == "torch", "torch.CheckForErrors");
        Replace(Only(check.Body.Instructions, i => i.OpCode == OpCodes.Newobj, "new ExternalException in CheckForErrors"), OpCodes.Call, error);
        var freed = Only(methods, m => m.Name == "get_Handle" && m.DeclaringType.Name == "Tensor", "Tensor.Handle").Body.Instructions;
        Replace(Only(freed, i => i.Operand is Freed, "the message of a freed tensor"), OpCodes.Ldstr,
            "this tensor was freed with the dispose scope that it was made in, or by Dispose; to keep it, call its MoveToOuterDisposeScope() in that scope.");
        // Left uninitialised by the native function where it fails.
        foreach (var native in new[] { "THSTensor_rand", "THSTensor_randperm" })
            foreach (var method in Some(methods.Where(m => m.Body.Instructions.Any(i => Calls(i, native))), native))
            {
                method.Body.SimplifyMacros(); // A short branch might not reach over what is added.
                foreach (var call in method.Body.Instructions.Where(i => Calls(i, native)).ToList())
                    method.Body.GetILProcessor().InsertAfter(call, Instruction.Create(OpCodes.Call, check));
                method.Body.OptimizeMacros();
            }

        module.Write(destination, new WriterParameters { DeterministicMvid = true, Timestamp = 0 });
    }

    static IEnumerable<TypeDefinition> Types(IEnumerable<TypeDefinition> types) => types.SelectMany(t => Types(t.NestedTypes).Prepend(t));

    static bool Calls(Instruction i, string native) => i.Operand is MethodReference m && m.Name == native;

    static void Replace(Instruction i, OpCode code, object operand) => (i.OpCode, i.Operand) = (code, operand);

    static T Only<T>(IEnumerable<T> all, Func<T, bool> isIt, string what) => all.Where(isIt).ToList() is [var only] ? only : throw Changed(what);

    static IReadOnlyList<T> Some<T>(IEnumerable<T> all, string what) => all.ToList() is [_, ..] some ? some : throw Changed(what);

    static InvalidDataException Changed(string what) =>
        new($"want one {what} to patch, got none or several: TorchSharp has changed, so lib/Natives/TorchSharpPatch.cs and Guards.cs must change with it");

    // At the end of a method that calls native code: GC.KeepAlive of its arguments, of its locals, and of what it reads a handle of directly.
    static void KeepAlive(MethodDefinition method, ModuleDefinition module)
    {
        var body = method.Body;
        if (!body.Instructions.Any(i => i.Operand is MethodReference m && m.DeclaringType.Name == "NativeMethods")) return;
        body.SimplifyMacros();
        var il = body.GetILProcessor();
        var kept = new List<Func<Instruction>>();
        if (method.HasThis && !method.DeclaringType.IsValueType) kept.Add(() => Instruction.Create(OpCodes.Ldarg, body.ThisParameter));
        kept.AddRange(method.Parameters.Where(p => IsObject(p.ParameterType)).Select(p => (Func<Instruction>)(() => Instruction.Create(OpCodes.Ldarg, p))));
        kept.AddRange(body.Variables.Where(v => IsObject(v.VariableType)).Select(v => (Func<Instruction>)(() => Instruction.Create(OpCodes.Ldloc, v))));
        foreach (var read in body.Instructions.Where(i => i.Operand is MethodReference { Name: "get_Handle" or "get_handle" }).ToList())
        {
            if (read.Previous?.OpCode == OpCodes.Ldarg) continue;
            var (handle, owner) = ((MethodReference)read.Operand, new VariableDefinition(((MethodReference)read.Operand).DeclaringType));
            body.Variables.Add(owner);
            var call = Instruction.Create(read.OpCode, handle);
            Replace(read, OpCodes.Dup, null!); // In place, since a branch may lead here.
            il.InsertAfter(read, call);
            il.InsertAfter(read, Instruction.Create(OpCodes.Stloc, owner));
            kept.Add(() => Instruction.Create(OpCodes.Ldloc, owner));
        }
        body.InitLocals = true;
        var keep = module.ImportReference(typeof(GC).GetMethod(nameof(GC.KeepAlive)));
        foreach (var end in body.Instructions.Where(i => i.OpCode == OpCodes.Ret).ToList())
        {
            var code = kept.SelectMany(load => new[] { load(), Instruction.Create(OpCodes.Call, keep) }).Append(Instruction.Create(OpCodes.Ret)).ToList();
            Replace(end, code[0].OpCode, code[0].Operand); // In place, as above.
            foreach (var next in code.Skip(1).Reverse()) il.InsertAfter(end, next);
        }
        body.OptimizeMacros();
    }

    static bool IsObject(TypeReference type) =>
        !type.IsValueType && !type.IsByReference && !type.IsPointer && !type.IsPinned && !type.IsGenericParameter && type.MetadataType != MetadataType.String;

    // The method that a guard is named after calls it first, and returns its answer if there is one.
    static void Call(MethodDefinition guard, List<MethodDefinition> methods)
    {
        var names = guard.Name.Split('_', 2);
        var wanted = guard.Parameters.Select(p => Name(p.ParameterType)).ToList();
        var method = Only(methods, m => m.DeclaringType.Name == names[0] && m.Name == names[1]
            && (m.HasThis ? [Name(m.DeclaringType)] : Enumerable.Empty<string>()).Concat(m.Parameters.Select(p => Name(p.ParameterType))).SequenceEqual(wanted),
            $"{names[0]}.{names[1]}({string.Join(", ", wanted)})");
        method.Body.SimplifyMacros();
        Enter(guard, method);
        method.Body.OptimizeMacros();
    }

    static void Enter(MethodDefinition guard, MethodDefinition method)
    {
        var (il, first) = (method.Body.GetILProcessor(), method.Body.Instructions[0]);
        var offset = method.HasThis ? 1 : 0;
        foreach (var p in guard.Parameters)
            il.InsertBefore(first, Instruction.Create(p.ParameterType.IsByReference ? OpCodes.Ldarga : OpCodes.Ldarg,
                p.Index < offset ? method.Body.ThisParameter : method.Parameters[p.Index - offset]));
        il.InsertBefore(first, Instruction.Create(OpCodes.Call, guard));
        if (guard.ReturnType.MetadataType == MetadataType.Void) return;
        il.InsertBefore(first, Instruction.Create(OpCodes.Dup));
        il.InsertBefore(first, Instruction.Create(OpCodes.Brfalse, Instruction.Create(OpCodes.Nop)));
        var branch = first.Previous;
        il.InsertBefore(first, Instruction.Create(OpCodes.Ret));
        il.InsertBefore(first, Instruction.Create(OpCodes.Pop));
        branch.Operand = first.Previous;
    }

    static string Name(TypeReference type) => type is ByReferenceType by ? by.ElementType.FullName : type.FullName;

    // A static class of this assembly as an internal one of the module.
    static TypeDefinition Clone(Type type, ModuleDefinition module)
    {
        using var own = ModuleDefinition.ReadModule(type.Assembly.Location);
        var from = own.GetType(type.FullName);
        var to = new TypeDefinition(from.Namespace, from.Name, from.Attributes, module.TypeSystem.Object);
        module.Types.Add(to);
        foreach (var f in from.Fields) to.Fields.Add(new(f.Name, f.Attributes, Type(f.FieldType)));
        foreach (var m in from.Methods)
        {
            var copy = new MethodDefinition(m.Name, m.Attributes & ~MethodAttributes.MemberAccessMask | MethodAttributes.Assembly, Type(m.ReturnType));
            foreach (var p in m.Parameters) copy.Parameters.Add(new(p.Name, p.Attributes, Type(p.ParameterType)));
            to.Methods.Add(copy);
        }
        for (var k = 0; k < from.Methods.Count; k++) Copy(from.Methods[k], to.Methods[k]);
        return to;

        void Copy(MethodDefinition m, MethodDefinition copy)
        {
            m.Body.SimplifyMacros();
            copy.Body.InitLocals = true;
            foreach (var v in m.Body.Variables) copy.Body.Variables.Add(new(Type(v.VariableType)));
            var made = m.Body.Instructions.ToDictionary(i => i, _ => Instruction.Create(OpCodes.Nop));
            foreach (var (i, clone) in m.Body.Instructions.Select(i => (i, made[i])))
            {
                Replace(clone, i.OpCode, i.Operand switch
                {
                    Instruction target => made[target],
                    Instruction[] targets => targets.Select(t => made[t]).ToArray(),
                    VariableDefinition v => copy.Body.Variables[v.Index],
                    ParameterDefinition p => copy.Parameters[p.Index],
                    FieldDefinition f when f.DeclaringType == from => to.Fields[from.Fields.IndexOf(f)],
                    MethodDefinition f when f.DeclaringType == from => to.Methods[from.Methods.IndexOf(f)],
                    TypeReference t => Type(t),
                    MethodReference r => Method(r),
                    var other => other,
                });
                copy.Body.Instructions.Add(clone);
            }
            foreach (var h in m.Body.ExceptionHandlers)
                copy.Body.ExceptionHandlers.Add(new(h.HandlerType)
                {
                    TryStart = made[h.TryStart], TryEnd = made[h.TryEnd], HandlerStart = made[h.HandlerStart],
                    HandlerEnd = h.HandlerEnd is null ? null : made[h.HandlerEnd], CatchType = h.CatchType is null ? null : Type(h.CatchType),
                });
            copy.Body.OptimizeMacros();
        }

        // A type of TorchSharp is the module's own, and every other one a reference.
        TypeReference Type(TypeReference t) => t switch
        {
            ArrayType a => new ArrayType(Type(a.ElementType), a.Rank),
            ByReferenceType r => new ByReferenceType(Type(r.ElementType)),
            GenericInstanceType g => Instance(g),
            GenericParameter p => p,
            { Module: var at } when at == own && t.Scope == own => throw new InvalidDataException($"{type.Name} may not use {t.FullName}, which is not copied"),
            _ when t.Scope.Name == module.Assembly.Name.Name => module.GetType(t.FullName) ?? throw Changed(t.FullName),
            _ => module.ImportReference(t),
        };

        GenericInstanceType Instance(GenericInstanceType g)
        {
            var instance = new GenericInstanceType(Type(g.ElementType));
            foreach (var a in g.GenericArguments) instance.GenericArguments.Add(Type(a));
            return instance;
        }

        MethodReference Method(MethodReference r)
        {
            if (r is GenericInstanceMethod g)
            {
                var instance = new GenericInstanceMethod(Method(g.ElementMethod));
                foreach (var a in g.GenericArguments) instance.GenericArguments.Add(Type(a));
                return instance;
            }
            var declaring = Type(r.DeclaringType);
            if (declaring is TypeDefinition known)
            {
                var wanted = r.Parameters.Select(p => p.ParameterType.FullName).ToList();
                bool IsIt(MethodDefinition m) => m.Name == r.Name && m.Parameters.Select(p => p.ParameterType.FullName).SequenceEqual(wanted);
                return Only(known.Methods, IsIt, $"{known.Name}.{r.Name}");
            }
            if (declaring is not GenericInstanceType && !r.Parameters.Any(p => p.ParameterType is GenericInstanceType) && r.GenericParameters.Count == 0)
                return module.ImportReference(r);
            var copy = new MethodReference(r.Name, module.TypeSystem.Void, declaring) { HasThis = r.HasThis };
            foreach (var p in r.GenericParameters) copy.GenericParameters.Add(new(p.Name, copy));
            copy.ReturnType = Imported(r.ReturnType, r, copy);
            foreach (var p in r.Parameters) copy.Parameters.Add(new(Imported(p.ParameterType, r, copy)));
            return copy;
        }

        // Of a generic's definition: its own parameters stay what they are.
        TypeReference Imported(TypeReference t, MethodReference from, MethodReference to) =>
            t is GenericParameter { Owner: MethodReference } p ? to.GenericParameters[p.Position]
            : t is GenericParameter ? t
            : t is ArrayType a ? new ArrayType(Imported(a.ElementType, from, to), a.Rank)
            : t is ByReferenceType b ? new ByReferenceType(Imported(b.ElementType, from, to))
            : t is GenericInstanceType g ? Of(g) : Type(t);

        GenericInstanceType Of(GenericInstanceType g)
        {
            var instance = new GenericInstanceType(Type(g.ElementType));
            foreach (var a in g.GenericArguments) instance.GenericArguments.Add(a is GenericParameter ? a : Type(a));
            return instance;
        }
    }
}
