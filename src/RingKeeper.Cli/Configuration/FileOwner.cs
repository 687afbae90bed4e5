using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RingKeeper.Cli.Configuration;

/// <summary>Who owns a file, which .NET does not tell: asked of the kernel, whose record looks the same on every Linux.</summary>
/// <remarks>
/// Elsewhere the owner stays unknown. A user other than root can open a file of mode 0600 only if it is their own, so there only root
/// could be given somebody else's.
/// </remarks>
internal static class FileOwner
{
    private const int EmptyPath = 0x1000;
    private const uint WantOwner = 0x8;
    private const int RecordLength = 256;
    private const int OwnerOffset = 20;

    /// <summary>The user of this process; null where the owner is not known either.</summary>
    public static uint? Current => OperatingSystem.IsLinux() ? GetEffectiveUser() : null;

    /// <exception cref="IOException">The kernel does not say.</exception>
    public static uint? Of(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var record = new byte[RecordLength];
        return Statx(file, "", EmptyPath, WantOwner, record) == 0
            ? BitConverter.ToUInt32(record, OwnerOffset)
            : throw new IOException($"its owner cannot be found out: {Marshal.GetLastPInvokeErrorMessage()}");
    }

#pragma warning disable SYSLIB1054 // The source-generated form needs unsafe code for the whole project.
    [DllImport("libc", EntryPoint = "statx", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(SafeFileHandle folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] record);

    [DllImport("libc", EntryPoint = "geteuid", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint GetEffectiveUser();
#pragma warning restore SYSLIB1054
}
