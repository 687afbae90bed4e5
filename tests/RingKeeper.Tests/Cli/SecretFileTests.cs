using RingKeeper.Cli.Configuration;
using Xunit;

namespace RingKeeper.Tests.Cli;

public sealed class SecretFileTests
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Theory]
    [InlineData(UnixFileMode.None, true)]
    [InlineData(UnixFileMode.UserExecute, true)]
    [InlineData(UnixFileMode.GroupRead, false)]
    [InlineData(UnixFileMode.GroupWrite, false)]
    [InlineData(UnixFileMode.GroupExecute, false)]
    [InlineData(UnixFileMode.OtherRead, false)]
    [InlineData(UnixFileMode.OtherWrite, false)]
    [InlineData(UnixFileMode.OtherExecute, false)]
    public void Any_right_of_group_or_others_is_refused(UnixFileMode more, bool taken) =>
        Assert.Equal(taken, SecretFile.Flaw("/f", Own | more, 1000, 1000, isCredential: false) is null);

    [Theory]
    [InlineData(UnixFileMode.GroupRead, true)]
    [InlineData(UnixFileMode.GroupWrite, false)]
    [InlineData(UnixFileMode.OtherRead, false)]
    public void A_credential_of_systemd_may_show_its_access_list_as_a_right_of_the_group(UnixFileMode more, bool taken) =>
        Assert.Equal(taken, SecretFile.Flaw("/f", UnixFileMode.UserRead | more, 0, 1000, isCredential: true) is null);

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1000u, true)]
    [InlineData(1001u, false)]
    [InlineData(null, true)]
    public void The_owner_is_root_or_the_user(uint? owner, bool taken)
    {
        var flaw = SecretFile.Flaw("/etc/rk it's.json", Own, owner, 1000, isCredential: false);

        Assert.Equal(taken, flaw is null);
        if (!taken)
        {
            Assert.Contains("1001", flaw, StringComparison.Ordinal);
            Assert.Contains("chown 1000 '/etc/rk it'\\''s.json'", flaw, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_kernel_says_who_owns_a_file()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The owner is asked of Linux alone.");
        var file = Path.GetTempFileName();
        try
        {
            using var own = File.OpenHandle(file);
            using var roots = File.OpenHandle("/etc/passwd");
            Assert.Equal(FileOwner.Current, FileOwner.Of(own));
            Assert.Equal(0u, FileOwner.Of(roots));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
