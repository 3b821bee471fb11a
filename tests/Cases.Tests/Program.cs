using Midflight.Cases;

// `Cases.Tests FILE-OR-FOLDER…` runs cases and says what came of them; without a name those of MIDFLIGHT_CASES, or its own.
// `Cases.Tests --child FILE-OR-FOLDER… --from N` is the process in which they run.
return args is ["--child", .. var files, "--from", var first]
    ? await CaseChild.Run(files, int.Parse(first, System.Globalization.CultureInfo.InvariantCulture))
    : CaseReport.Print(await CaseRunner.Run(args is [] ? CaseFiles.Named() : args));
