using System.Globalization;
using Midflight.Cases;

// `Cases.Tests FILE-OR-FOLDER…` runs cases and says what came of them; without a name those of MIDFLIGHT_CASES, or its own.
// `Cases.Tests --child FILE-OR-FOLDER… --range FIRST END` is a process in which they run.
// `Cases.Tests --families FIRST COUNT` converts random families of types there and back.
return args is ["--families", var seed, var number]
    ? FamilyReport.Print(int.Parse(seed, CultureInfo.InvariantCulture), int.Parse(number, CultureInfo.InvariantCulture))
    : args is ["--child", .. var files, "--range", var first, var end]
    ? await CaseChild.Run(files, int.Parse(first, CultureInfo.InvariantCulture), int.Parse(end, CultureInfo.InvariantCulture))
    : CaseReport.Print(await CaseRunner.Run(args is [] ? CaseFiles.Named() : args));
