using System.Reflection;
using Ebsp.Emulator;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.House.Tests;

[TestClass]
public sealed class PublicApiTests
{
    [TestMethod]
    [DataRow(typeof(EbspProgram))]
    [DataRow(typeof(Machine))]
    public void PublicMembers_OfARunTimeLibrary_AreTheCommittedOnes(Type type)
    {
        Assembly assembly = type.Assembly;
        Golden.Check($"docs/api/{assembly.GetName().Name}.txt", PublicApi.Write(assembly));
    }
}
