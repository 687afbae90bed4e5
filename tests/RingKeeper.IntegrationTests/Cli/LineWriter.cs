using System.Text;

namespace RingKeeper.IntegrationTests.Cli;

/// <summary>Collects what is written, and lets a test wait for a line of it. Safe for concurrent use.</summary>
internal sealed class LineWriter : TextWriter
{
    private readonly StringBuilder _text = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        lock (_lock)
        {
            _text.Append(value);
            if (value == '\n')
            {
                _written.TrySetResult();
                _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public async Task WaitForAsync(string part, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task written;
            lock (_lock)
            {
                if (_text.ToString().Contains(part, StringComparison.Ordinal))
                {
                    return;
                }

                written = _written.Task;
            }

            await written.WaitAsync(cancellationToken);
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return _text.ToString();
        }
    }
}
