namespace RingKeeper.Testing;

/// <content>The way into an application's container.</content>
public sealed partial class RingKeeperTestCluster
{
    /// <summary>
    /// Points an application at this cluster: <c>services.AddRingKeeper(test.Configure)</c>, or <c>services.Configure&lt;RingKeeperOptions&gt;(test.Configure)</c> after the
    /// application's own registration. Sets servers, name and times, and takes out what belongs to other servers: credentials, TLS, settings of Redis as text, snapshot file.
    /// </summary>
    /// <param name="options">The options of the application.</param>
    public void Configure(RingKeeperOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.ZKServers, options.ClusterName, options.ZKTimeout) = (ZKServers, Name, _options.SessionTimeout);
        (options.DigestCredentials, options.Redis, options.SnapshotFile) = (_options.DigestCredentials, null, null);
        options.ConfigureRedis += _configureRedis;
        (options.Checker.Interval, options.Checker.Threshold, options.Checker.Redis) = (_options.Interval, _options.Threshold, null);
        var tls = options.ZKTls;
        (tls.Enabled, tls.TargetHost, tls.TrustedRootsFile, tls.CertificateFile, tls.KeyFile, tls.KeyPassword) = (false, null, null, null, null, null);
        var sasl = options.ZKSasl;
        (sasl.User, sasl.Password, sasl.Kerberos, sasl.ServiceName, sasl.ServiceHost) = (null, null, false, null, null);
    }
}
