namespace RingKeeper.Cli.Doctor;

/// <summary>One thing that <c>doctor</c> looks at. Pure: it judges what was asked, and gives at least one finding, also where it could look at nothing.</summary>
internal interface IDoctorCheck
{
    /// <summary>Gets its name, as people see it.</summary>
    string Name { get; }

    /// <summary>Judges.</summary>
    IEnumerable<Finding> Judge(DoctorFacts facts);
}
