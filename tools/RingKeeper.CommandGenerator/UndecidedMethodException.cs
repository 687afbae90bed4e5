namespace RingKeeper.CommandGenerator;

/// <summary>The library has a method whose routing nobody has decided yet, or a rule that decides nothing.</summary>
internal sealed class UndecidedMethodException(string message) : Exception(message);
