using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ebsp.TestKit;

/// <summary>
/// The members of an assembly that others can use, as text: a change of the file is a change of the contract. What the compiler adds to
/// records is left out.
/// </summary>
public static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>One block a type, by full name; its members indented, in ordinal order.</summary>
    public static string Write(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            foreach (string member in type.IsEnum ? EnumMembers(type) : Members(type).Order(StringComparer.Ordinal))
                text.Append("    ").Append(member).Append('\n');
            text.Append('\n');
        }

        return text.ToString();
    }

    private static string Head(Type type)
    {
        bool record = type.GetMethod("PrintMembers", Declared) is not null;
        string kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "")
                + (record ? "record struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (record ? "record" : "class"),
        };
        IEnumerable<string> bases = type.GetInterfaces()
            .Where(face => type.BaseType?.GetInterfaces().Contains(face) != true && !(record && face.Name == "IEquatable`1"))
            .Select(face => Name(face)).Order(StringComparer.Ordinal);
        if (type.IsEnum)
            bases = [Name(Enum.GetUnderlyingType(type))];
        else if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases = bases.Prepend(Name(parent));
        string list = string.Join(", ", bases);
        return $"{kind} {type.Namespace}.{Name(type)}{(list.Length > 0 ? $" : {list}" : "")}";
    }

    private static IEnumerable<string> EnumMembers(Type type) => Enum.GetValues(type).Cast<Enum>()
        .Select(value => string.Create(CultureInfo.InvariantCulture, $"{value} = {Convert.ToInt64(value, CultureInfo.InvariantCulture)}"));

    private static IEnumerable<string> Members(Type type)
    {
        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly))
        {
            string what = field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : "");
            yield return $"{Protected(field.IsPublic)}{what}{Name(Nullability.Create(field))} " +
                $"{field.Name}{(field.IsLiteral ? $" = {Constant(field.GetRawConstantValue())}" : "")}";
        }

        foreach (PropertyInfo property in type.GetProperties(Declared))
        {
            MethodInfo[] accessors = [.. property.GetAccessors(nonPublic: true).Where(IsVisible)];
            if (accessors.Length == 0 || accessors[0].IsDefined(typeof(CompilerGeneratedAttribute)) && property.Name == "EqualityContract")
                continue;
            string index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"this[{Parameters(parameters)}]" : property.Name;
            string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
            yield return $"{Protected(accessors[0].IsPublic)}{Modifiers(accessors[0])}{required}{Name(Nullability.Create(property))} " +
                $"{index} {{ {string.Join(' ', accessors.Select(Accessor))} }}";
        }

        foreach (EventInfo happening in type.GetEvents(Declared).Where(happening => IsVisible(happening.AddMethod!)))
            yield return $"event {Name(happening.EventHandlerType!)} {happening.Name}";

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared)
            .Where(constructor => !constructor.IsStatic && IsVisible(constructor)))
            yield return $"{Protected(constructor.IsPublic)}{Plain(type)}({Parameters(constructor.GetParameters())})";

        foreach (MethodInfo method in type.GetMethods(Declared))
        {
            bool accessor = method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
            if (!IsVisible(method) || accessor || method.IsDefined(typeof(CompilerGeneratedAttribute)))
                continue;
            string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => Name(a)))}>" : "";
            yield return $"{Protected(method.IsPublic)}{Modifiers(method)}{Name(Nullability.Create(method.ReturnParameter))} " +
                $"{method.Name}{generic}({Parameters(method.GetParameters())})";
        }
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Protected(bool isPublic) => isPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method) => method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? ""
        : method.IsAbstract ? "abstract "
        : method.GetBaseDefinition() != method ? "override "
        : method.IsVirtual && !method.IsFinal ? "virtual " : "";

    private static string Accessor(MethodInfo accessor) => accessor.ReturnType != typeof(void) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private static string Parameters(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(parameter =>
    {
        string way = parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params "
            : !parameter.ParameterType.IsByRef ? "" : parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
        return $"{way}{Name(Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = " +
            $"{Default(parameter)}" : "")}";
    }));

    private static string Default(ParameterInfo parameter) =>
        parameter.DefaultValue is null && parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
            ? "default"
            : Constant(parameter.DefaultValue);

    private static string Constant(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(NullabilityInfo info)
    {
        string mark = !info.Type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";
        if (info.ElementType is { } element && info.Type.IsArray)
            return Name(element) + "[]" + mark;
        return Name(info.Type, info.GenericTypeArguments) + mark;
    }

    private static string Name(Type type, NullabilityInfo[]? arguments = null)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, arguments);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer)
            return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter || !type.IsGenericType)
            return Plain(type);
        string[] names = arguments?.Length > 0 ? [.. arguments.Select(Name)] : [.. type.GetGenericArguments().Select(a => Name(a))];
        if (type.GetGenericTypeDefinition() == typeof(Nullable<>))
            return names[0] + "?";
        return type.Name.StartsWith("ValueTuple`", StringComparison.Ordinal)
            ? $"({string.Join(", ", names)})"
            : $"{Plain(type)}<{string.Join(", ", names)}>";
    }

    private static string Plain(Type type)
    {
        string name = type.Name.Split('`')[0];
        if (type.IsNested && !type.IsGenericParameter)
            return $"{Plain(type.DeclaringType!)}.{name}";
        return type.Namespace != "System" || type.IsEnum ? name : name switch
        {
            "Boolean" => "bool", "Byte" => "byte", "SByte" => "sbyte", "Int16" => "short", "UInt16" => "ushort", "Int32" => "int",
                "UInt32" => "uint",
            "Int64" => "long", "UInt64" => "ulong", "Single" => "float", "Double" => "double", "String" => "string", "Object" => "object",
                "Void" => "void",
            _ => name,
        };
    }
}
