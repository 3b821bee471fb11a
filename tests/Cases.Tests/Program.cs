using System.Globalization;
using Midflight.Cases;

// `Cases.Tests FILE-OR-FOLDER…` runs cases and says what came of them; without a name those of MIDFLIGHT_CASES, or its own.
// `Cases.Tests --child FILE-OR-FOLDER… --range FIRST END` is a process in which they run.
return args is ["--child", .. var files, "--range", var first, var end]
    ? await CaseChild.Run(files, int.Parse(first, CultureInfo.InvariantCulture), int.Parse(end, CultureInfo.InvariantCulture))
    : CaseReport.Print(await CaseRunner.Run(args is [] ? CaseFiles.Named() : args));
