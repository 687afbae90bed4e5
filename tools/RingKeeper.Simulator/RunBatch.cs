namespace RingKeeper.Simulator;

/// <summary>Many runs, each in one thread, several at a time.</summary>
internal static class RunBatch
{
    // Continuations run inside each other: a run needs a deep stack.
    private const int StackBytes = 64 * 1024 * 1024;

    /// <summary>Runs seeds one after the other until enough has gone wrong, or a law is broken.</summary>
    /// <param name="firstSeed">The first seed; the others follow it.</param>
    /// <param name="maxRuns">How many runs at most.</param>
    /// <param name="minFaults">After how many faults no other run begins.</param>
    /// <param name="options">Makes the options of a run from its seed.</param>
    /// <param name="finished">Is told of each run, one at a time.</param>
    /// <param name="minReads">After how many judged reads of caches no other run begins.</param>
    public static BatchResult Run(int firstSeed, int maxRuns, long minFaults, Func<int, SimulationOptions> options, Action<RunResult>? finished = null, long minReads = long.MaxValue)
    {
        var result = new BatchResult();
        var next = 0;
        Exception? defect = null;

        // Read without the lock as well: by runs that go on beside the one that broke a law.
        var isBroken = false;
        var gate = new Lock();
        var threads = Enumerable.Range(0, Math.Max(1, Math.Min(Environment.ProcessorCount, maxRuns))).Select(_ => new Thread(Work, StackBytes) { IsBackground = true }).ToList();
        threads.ForEach(static t => t.Start());
        threads.ForEach(static t => t.Join());
        return defect is null ? result : throw new InvalidOperationException($"The simulator itself failed: {defect.Message}", defect);

        void Work()
        {
            while (true)
            {
                int seed;
                lock (gate)
                {
                    if (next >= maxRuns || result.Faults.Total >= minFaults || result.Cache.Reads >= minReads || result.Broken is not null || defect is not null)
                    {
                        return;
                    }

                    seed = unchecked(firstSeed + next++);
                }

                try
                {
                    var run = new Simulation(options(seed)).Run(() => isBroken);
                    lock (gate)
                    {
                        if (isBroken)
                        {
                            return;
                        }

                        result.Add(run);
                        isBroken = result.Broken is not null;
                        finished?.Invoke(run);
                    }
                }
                catch (Exception exception)
                {
                    lock (gate)
                    {
                        defect = new InvalidOperationException($"seed {seed}: {exception.Message}", exception);
                    }
                }
            }
        }
    }
}
