namespace RingKeeper.Cli;

/// <summary>Credentials and other settings of connections to Redis, from the environment; never an argument.</summary>
internal static class RedisVariable
{
    public const string Name = "RINGKEEPER_REDIS";

    /// <summary>Reads the variable; unset or empty means no settings.</summary>
    /// <exception cref="CliUsageException">The text names an endpoint or a setting that is not taken, or has a bad value.</exception>
    public static RedisSettings Read(Func<string, string?> getVariable)
    {
        try
        {
            return RedisSettings.Parse(getVariable(Name), Name);
        }
        catch (RingKeeperException e)
        {
            throw new CliUsageException(e.Message);
        }
    }
}
