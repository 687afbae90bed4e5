using CsCheck;
using RingKeeper.ZooKeeper.Session;
using RingKeeper.ZooKeeper.Wire;
using Xunit;

namespace RingKeeper.Tests.ZooKeeper;

public sealed class UnsentListTests
{
    [Fact]
    public void It_keeps_the_order_whatever_comes_and_goes() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 7]).List[0, 60].Sample(steps =>
        {
            var (list, model) = (new UnsentList(), new List<Request>());
            var requests = Enumerable.Range(0, 8).Select(_ => (Request)new RemoveWatchRequest("/a", [])).ToList();
            foreach (var (step, which) in steps)
            {
                var request = requests[which];
                switch (step)
                {
                    case 0 when !model.Contains(request):
                        list.AddLast(request);
                        model.Add(request);
                        break;
                    case 1 when !model.Contains(request):
                        list.AddFirst(request);
                        model.Insert(0, request);
                        break;
                    case 2 or 3:
                        Assert.Equal(model.Remove(request), list.Remove(request));
                        break;
                }

                Assert.Equal(model.Count, list.Count);
                Assert.Equal(model, Walk(list));
                Assert.Equal(Enumerable.Reverse(model), WalkBack(list));
            }
        });

    [Fact]
    public void The_gate_lets_one_write_and_look_again_if_somebody_came()
    {
        var gate = new WriteGate();
        Assert.True(gate.TryEnterOrNote());
        Assert.True(gate.TryLeave());
        Assert.True(gate.TryEnterOrNote());
        Assert.False(gate.TryEnterOrNote());
        Assert.False(gate.TryEnterOrNote());
        Assert.False(gate.TryLeave());
        Assert.True(gate.TryLeave());
    }

    [Fact]
    public void Reads_that_lost_their_connection_go_before_what_was_never_sent_in_their_order_and_writes_do_not()
    {
        var (queue, batch, watches) = (new RequestQueue(), new FrameWriter(), new WatchRegistry(_ => { }));
        var requests = new[] { OpCode.GetData, OpCode.SetData, OpCode.Exists, OpCode.GetChildren2 }.Select(Of).ToList();
        var bound = Of(OpCode.GetData);
        bound.BoundTo = new RingKeeper.ZooKeeper.SessionSnapshot(RingKeeper.ZooKeeper.SessionState.Connected, 1, 1, TimeSpan.FromSeconds(1), null);
        requests.Add(bound);
        requests.ForEach(queue.Add);
        queue.Fill(batch, int.MaxValue, watches, new ServerFeatures(TimeProvider.System), now: 7);
        var unsent = Of(OpCode.GetAcl);
        queue.Add(unsent);

        queue.RequeueReads(RingKeeper.ZooKeeper.ZooKeeperErrorCode.ConnectionLoss);

        Assert.Equal(0, queue.InFlightCount);
        Assert.Equal([requests[0], requests[2], requests[3], unsent], Walk(queue.OldestUnsent));
        Assert.Equal([false, true, false, false, true], requests.Select(r => !r.IsAwaited));
    }

    private static Request<bool> Of(OpCode type) => new(type, "/a", [], (ref JuteReader _, Chroot _) => true, Chroot.None);

    private static IEnumerable<Request> Walk(UnsentList list) => Walk(list.First);

    private static IEnumerable<Request> Walk(Request? request)
    {
        for (; request is not null; request = request.Next)
        {
            yield return request;
        }
    }

    private static IEnumerable<Request> WalkBack(UnsentList list)
    {
        for (var request = Walk(list).LastOrDefault(); request is not null; request = request.Previous)
        {
            yield return request;
        }
    }
}
