namespace RingKeeper.IntegrationTests.Servers;

/// <summary>A disk of one megabyte, in memory, that can be filled to the last byte. Needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("disk");

    private SmallDisk()
    {
    }

    public string Path => _folder.Path;

    private string Filling => _folder.Combine("filling");

    public static async Task<SmallDisk> MountAsync()
    {
        var disk = new SmallDisk();
        try
        {
            await SystemCommand.RunAsync("mount", "mount", "-t", "tmpfs", "-o", "size=1m", "ringkeeper-test", disk.Path);
            return disk;
        }
        catch
        {
            disk._folder.Dispose();
            throw;
        }
    }

    /// <summary>Writes until nothing more fits.</summary>
    public void Fill()
    {
        try
        {
            using var file = new FileStream(Filling, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            var block = new byte[4096];
            while (true)
            {
                file.Write(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Filling);

    public async ValueTask DisposeAsync()
    {
        await SystemCommand.RunAsync("umount", "mount", "--lazy", Path);
        _folder.Dispose();
    }
}
