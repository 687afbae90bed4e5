using System.ComponentModel;
using System.Runtime.InteropServices;

namespace RingKeeper.IntegrationTests.Servers;

/// <summary>The signals of Linux that the tests send, by number.</summary>
public enum ProcessSignal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

internal static class ProcessSignals
{
    private const int NoSuchProcess = 3;

    /// <summary>Sends the signal; returns false when the process is gone.</summary>
    public static bool Send(int processId, ProcessSignal signal)
    {
        if (Kill(processId, (int)signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess
            ? false
            : throw new Win32Exception(error, $"Cannot send {signal} to process {processId}: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

#pragma warning disable SYSLIB1054 // The source-generated form needs unsafe code for the whole project.
    [DllImport("libc", EntryPoint = "kill", SetLastError = true, ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
#pragma warning restore SYSLIB1054
}
