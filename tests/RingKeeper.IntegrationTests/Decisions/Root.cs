using Xunit;

namespace RingKeeper.IntegrationTests.Decisions;

/// <summary>Small disks and networks of their own take root.</summary>
internal static class Root
{
    public static void Require() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "This mounts a disk or makes a network namespace, which takes root.");
}
