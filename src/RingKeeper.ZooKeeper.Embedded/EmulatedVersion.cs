namespace RingKeeper.ZooKeeper.Embedded;

/// <summary>The Apache ZooKeeper that an embedded server behaves as: which operations it knows and how its watches and events work.</summary>
public enum EmulatedVersion
{
    /// <summary>3.4: no create2, containers, TTL znodes, removal of watches or configuration.</summary>
    V34,

    /// <summary>3.5: no multiRead, persistent watches, getEphemerals or getAllChildrenNumber.</summary>
    V35,

    /// <summary>3.6: no whoAmI. A second addWatch of a connection on one path takes the place of the first.</summary>
    V36,

    /// <summary>3.8: the events carry no zxid, watches are removed by the kinds children, data and any alone.</summary>
    V38,

    /// <summary>3.9: events carry their zxid, the modes of watches on one path are independent, exists asks for the right to read.</summary>
    V39,
}
