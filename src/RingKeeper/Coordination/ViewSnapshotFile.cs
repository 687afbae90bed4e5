namespace RingKeeper;

/// <summary>Reads and replaces the file of a snapshot.</summary>
internal static class ViewSnapshotFile
{
    // Far above what fits into a cluster's znodes.
    private const int MaxLength = 16 * 1024 * 1024;
    private static int _temporaries;

    /// <summary>Reads the snapshot of a cluster.</summary>
    /// <exception cref="RingKeeperException">There is none, or not of this cluster, or it cannot be read; the message names the file and the reason.</exception>
    public static ViewSnapshot Read(string file, string cluster)
    {
        try
        {
            if (!File.Exists(file))
            {
                throw new RingKeeperException("it does not exist; a client that has reached ZooKeeper writes it");
            }

            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length > MaxLength)
            {
                throw new RingKeeperException($"it has {stream.Length} bytes, more than any snapshot");
            }

            var data = new byte[stream.Length];
            stream.ReadExactly(data);
            var snapshot = ViewSnapshotCodec.Decode(data);
            return snapshot.Cluster.Name == cluster
                ? snapshot
                : throw new RingKeeperException($"it is of cluster '{snapshot.Cluster.Name}', not of '{cluster}'");
        }
        catch (Exception exception) when (exception is RingKeeperException || IsFileTrouble(exception))
        {
            throw new RingKeeperException($"The snapshot file '{file}' is refused: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    /// <summary>Replaces the file as one: a reader finds the earlier content or the new one, never a part.</summary>
    public static async Task WriteAsync(string file, byte[] data, CancellationToken cancellationToken)
    {
        // In the same folder, since a rename is atomic only within a file system; of its own name, since other clients may write too.
        var temporary = $"{file}.{Environment.ProcessId}-{Interlocked.Increment(ref _temporaries)}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            var stream = new FileStream(temporary, options);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Whether this is what a file system may answer, and no defect.</summary>
    public static bool IsFileTrouble(Exception exception) =>
        exception is IOException or UnauthorizedAccessException or NotSupportedException or System.Security.SecurityException or ArgumentException;
}
