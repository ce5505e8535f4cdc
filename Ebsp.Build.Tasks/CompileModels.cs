using Microsoft.Build.Framework;

namespace Ebsp.Build.Tasks;

/// <summary>
/// The way of the EbspModel items of one project and framework through a build: what is current stays, what the store has is copied, the
/// rest goes to one run of <c>ebspc batch</c>. docs/build.md says what is written where.
/// </summary>
public sealed class CompileModels : CompilerTask
{
    private const long MaxEmbeddedBytes = 1L << 30;
    private static readonly Version LeastSdk = new(10, 0), LeastFramework = new(8, 0);

    private readonly List<ITaskItem> manifests = [], resources = [], files = [], namespaces = [], writes = [], states = [];
    private bool hasWarned;

    /// <summary>The EbspModel items.</summary>
    [Required]
    public ITaskItem[] Models { get; set; } = [];

    /// <summary>Folder of this framework's and configuration's intermediate files.</summary>
    [Required]
    public string IntermediateOutputPath { get; set; } = "";

    /// <summary>Folder of the store, which all frameworks and configurations of a project share.</summary>
    [Required]
    public string StorePath { get; set; } = "";

    /// <summary>Folder of the store that all projects of the user share; empty for the usual one, <c>off</c> for none.</summary>
    public string UserStorePath { get; set; } = "";

    /// <summary>Largest size of that store, MB of a million bytes.</summary>
    public int UserStoreLimit { get; set; } = UserStore.DefaultLimitMegabytes;

    /// <summary>Namespace of the project.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>Name of the assembly; part of the names of resources.</summary>
    [Required]
    public string AssemblyName { get; set; } = "";

    /// <summary>Language of the project.</summary>
    [Required]
    public string Language { get; set; } = "";

    /// <summary>Framework of the project: .NETCoreApp.</summary>
    public string TargetFrameworkIdentifier { get; set; } = "";

    /// <summary>Version of that framework: v10.0.</summary>
    public string TargetFrameworkVersion { get; set; } = "";

    /// <summary>The framework that the SDK itself runs on: 10.0.</summary>
    public string SdkFrameworkVersion { get; set; } = "";

    /// <summary>Manifests: AdditionalFiles of the generator.</summary>
    [Output]
    public ITaskItem[] Manifests => [.. manifests];

    /// <summary>Programs that become resources: EmbeddedResource.</summary>
    [Output]
    public ITaskItem[] Resources => [.. resources];

    /// <summary>Programs that lie beside the app: None.</summary>
    [Output]
    public ITaskItem[] Files => [.. files];

    /// <summary>Namespaces of the classes.</summary>
    [Output]
    public ITaskItem[] Namespaces => [.. namespaces];

    /// <summary>All files of this folder: FileWrites.</summary>
    [Output]
    public ITaskItem[] Writes => [.. writes];

    /// <summary>State files: newer than all inputs once a build is done, UpToDateCheckBuilt of Visual Studio.</summary>
    [Output]
    public ITaskItem[] States => [.. states];

    /// <inheritdoc/>
    public override bool Execute()
    {
        try
        {
            Build();
        }
        catch (OperationCanceledException)
        {
            // MSBuild says so itself.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Report(BuildDiagnostics.OutputNotWritten, null, e.Message.TrimEnd('.'));
        }
#pragma warning disable CA1031 // A stack trace helps nobody who builds; what it is for is in the type and the message.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Report(BuildDiagnostics.Unforeseen, null, $"{e.GetType().Name}: {e.Message.TrimEnd('.')}");
            Log.LogMessage(MessageImportance.Low, "{0}", e);
        }

        return !Log.HasLoggedErrors && !Cancellation.IsCancellationRequested;
    }

    private void Build()
    {
        OutputFolder outputs = new(ProjectDirectory, IntermediateOutputPath);
        if (Models.Length > 0 && !ProjectFits())
            return;
        ModelItem[] items = ReadItems();
        if (DesignTime)
        {
            Design(outputs, items);
            return;
        }

        Directory.CreateDirectory(outputs.FullPath);
        ModelStore store = OpenStore(outputs, out bool isShared);
        using (store.LockFolder(outputs.FullPath))
        {
            store.Sweep();
            Job[] done = items.Length == 0 ? [] : Make(store, outputs, items);
            outputs.KeepOnly(done.Select(job => job.Item));
            foreach (Job job in done)
                Emit(outputs, job);
            if (Models.Length > 0)
                writes.Add(Items.Of(outputs.Spec(outputs.Tool)));
            else
                outputs.Clear();
        }

        if (Models.Length == 0 || !isShared)
            store.Forget(outputs.FullPath);
    }

    /// <summary>A model on its way.</summary>
    private sealed class Job(ModelItem item)
    {
        public ModelItem Item => item;

        /// <summary>The files that the project names for it.</summary>
        public IReadOnlyList<InputFile> Named { get; set; } = [];

        /// <summary>Its entry in the store.</summary>
        public string Key { get; set; } = "";

        /// <summary>Set as soon as its outputs are what they should be.</summary>
        public ModelState? State { get; set; }
    }

    // Those that can be compiled; the others have been reported.
    private ModelItem[] ReadItems()
    {
        ProjectFacts project = new(Path.GetFullPath(ProjectDirectory), RootNamespace, AssemblyName);
        List<ModelItem> items = [];
        Dictionary<string, ModelItem> classes = new(StringComparer.OrdinalIgnoreCase);
        foreach (ITaskItem model in Models)
        {
            bool usable = true;
            ModelItem item = ModelItem.Read(project, model.ItemSpec, model.GetMetadata("FullPath"), model.GetMetadata, (row, arguments) =>
            {
                // A class can be there before its file is.
                usable &= DesignTime && row != BuildDiagnostics.BadName;
                Report(row, model.ItemSpec, arguments);
            });
            foreach ((string name, string nearest) in Items.Misspelt(model))
                Warn(BuildDiagnostics.UnknownMetadata, model.ItemSpec, name, nearest);
            if (!usable)
                continue;
            if (classes.TryGetValue(item.FullName, out ModelItem first))
            {
                Report(BuildDiagnostics.SameClass, item.Spec, first.Spec, item.Spec, item.FullName);
                continue;
            }

            classes.Add(item.FullName, item);
            items.Add(item);
        }

        return [.. items];
    }

    private bool ProjectFits()
    {
        bool isCore = TargetFrameworkIdentifier == ".NETCoreApp"
            && Version.TryParse(TargetFrameworkVersion.TrimStart('v'), out Version target) && target >= LeastFramework;
        if (Language != "C#")
            Report(BuildDiagnostics.LanguageNotSupported, null, Language);
        else if (!isCore)
            Report(BuildDiagnostics.FrameworkNotSupported, null, $"{TargetFrameworkIdentifier} {TargetFrameworkVersion.TrimStart('v')}");
        else if (!(Version.TryParse(SdkFrameworkVersion, out Version sdk) && sdk >= LeastSdk))
            Report(BuildDiagnostics.SdkTooOld, null, SdkFrameworkVersion);
        else if (!File.Exists(EbspcPath))
            Report(BuildDiagnostics.CompilerMissing, null, EbspcPath);
        else
            return true;
        return false;
    }

    private ModelStore OpenStore(OutputFolder outputs, out bool isShared)
    {
        string path = Path.GetFullPath(Path.Combine(ProjectDirectory, StorePath));
        ModelStore store = new(path, Cancellation);
        string? why = store.WhyNotUsable();
        isShared = why is null;
        if (isShared)
            return store;
        Warn(BuildDiagnostics.StoreNotUsable, null, path, why!);
        return new ModelStore(Path.Combine(outputs.FullPath, "store"), Cancellation);
    }

    // The folder's lock is held.
    private Job[] Make(ModelStore store, OutputFolder outputs, ModelItem[] items)
    {
        string tool = ToolIdentity.Of(Path.GetFullPath(EbspcPath), outputs.Tool, mayHash: true);
        Job[] jobs = [.. items.Select(item => Check(outputs, item, tool))];
        store.Want(outputs.FullPath, jobs.Select(job => job.Key));
        Job[] stale = [.. jobs.Where(job => job.State is null)];
        using (store.LockEntries(stale.Select(job => job.Key)))
        {
            while (stale.Length > 0)
            {
                // Models that are equal are compiled once; the others of them come from the store in the next round.
                Job[] absent = [.. stale.Where(job => !Restore(store, outputs, job, tool))];
                Job[] first = [.. absent.GroupBy(job => job.Key, StringComparer.Ordinal).Select(equal => equal.First())];
                stale = [.. Compile(store, outputs, first, tool), .. absent.Except(first)];
            }
        }

        return [.. jobs.Where(job => job.State is not null)];
    }

    private Job Check(OutputFolder outputs, ModelItem item, string tool)
    {
        ModelState? earlier = ModelState.Read(outputs.State(item));
        if (earlier?.Current(item, tool) is { } current)
        {
            current.Write(outputs.State(item));
            Log.LogMessage(MessageImportance.Low, "{0} is up to date", item.Spec);
            return new Job(item) { State = current, Key = current.Key, Named = current.Named };
        }

        IReadOnlyList<InputFile> named = ModelState.NamedOf(item, earlier);
        return new Job(item) { Named = named, Key = ModelState.KeyOf(item, tool, named) };
    }

    private bool Restore(ModelStore store, OutputFolder outputs, Job job, string tool)
    {
        if ((store.Find(job.Key, job.Item) ?? Shared(store, job)) is not { } entry)
            return false;
        Log.LogMessage(MessageImportance.Low, "{0} comes from the store", job.Item.Spec);
        Write(outputs, job, entry, tool);
        return true;
    }

    // From the store that all projects of the user share.
    private StoreEntry? Shared(ModelStore store, Job job)
    {
        StoreEntry? entry = null;
        WithUserStore(shared =>
        {
            try
            {
                entry = shared.Find(job.Key, job.Item) is { } found ? store.AddCopy(job.Key, job.Item, found) : null;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Another build has deleted what this one was copying.
                Log.LogMessage(MessageImportance.Low, "{0}", e.Message);
            }
        });
        return entry;
    }

    // It saves time, and that it fails costs time alone: only who has chosen its folder is told.
    private void WithUserStore(Action<UserStore> use)
    {
        if (UserStorePath.Equals(UserStore.Off, StringComparison.OrdinalIgnoreCase))
            return;
        string? path = UserStorePath.Length > 0 ? Path.GetFullPath(Path.Combine(ProjectDirectory, UserStorePath))
            : UserStore.DefaultFolder();
        if (path is null)
            return;
        try
        {
            use(new UserStore(path, 1_000_000L * UserStoreLimit, Cancellation));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (UserStorePath.Length > 0 && !hasWarned)
                Warn(BuildDiagnostics.StoreNotUsable, null, path, e.Message.TrimEnd('.'));
            else
                Log.LogMessage(MessageImportance.Low, "the store '{0}' cannot be used: {1}", path, e.Message);
            hasWarned = true;
        }
    }

    // Returns those that were not begun, as the compiler died of one before them.
    private Job[] Compile(ModelStore store, OutputFolder outputs, Job[] jobs, string tool)
    {
        if (jobs.Length == 0)
            return [];
        using ScratchFolder temporary = store.NewTemporary();
        KeyValuePair<ModelItem, string>[] calls =
            [.. jobs.Select((job, i) => new KeyValuePair<ModelItem, string>(job.Item, Path.Combine(temporary.FullPath, Request.IdOf(i))))];
        if (Ask(temporary.FullPath, calls, (i, answer) =>
            {
                if (i < jobs.Length)
                    Take(store, outputs, jobs[i], answer, calls[i].Value, tool);
            }) is not { } answered)
            return [];
        for (int i = 0; i < jobs.Length; i++)
        {
            if (answered.Contains(Request.IdOf(i)))
                continue;
            ReportFailure(jobs[i].Item.Spec, ExitCode);
            return [.. jobs.Skip(i + 1)];
        }

        if (ExitCode != 0 && !Log.HasLoggedErrors)
            ReportFailure(null, ExitCode);
        return [];
    }

    private void Take(ModelStore store, OutputFolder outputs, Job job, Answer answer, string made, string tool)
    {
        ModelItem item = job.Item;
        foreach (Finding finding in answer.Findings)
            ReportError(finding.Code, finding.File is null || finding.File == item.FilePath ? item.Spec : finding.File,
                Metadata.InPlaceOfOptions(finding.Text));
        if (answer.Findings.Count > 0)
            return;
        if (answer.ExitCode != 0)
        {
            ReportFailure(item.Spec, answer.ExitCode);
            return;
        }

        if (answer.Facts is null || !File.Exists(Path.Combine(made, ModelStore.ModelFile)))
        {
            Report(BuildDiagnostics.OutputNotUnderstood, item.Spec, "it tells of success, and there is no model");
            return;
        }

        Dictionary<string, string> named = job.Named.ToDictionary(file => file.FullPath, file => file.Hash, StringComparer.Ordinal);
        KeyValuePair<string, string>[] read =
            [.. answer.Inputs.Select(input =>
            new KeyValuePair<string, string>(Path.GetFullPath(Path.Combine(ProjectDirectory, input.Key)), input.Value))
            .Where(input => !Directory.Exists(input.Key))];
        if (read.FirstOrDefault(input => named.TryGetValue(input.Key, out string hash) && hash != input.Value).Key is { } changed)
        {
            Report(BuildDiagnostics.InputChanged, item.Spec, changed);
            return;
        }

        foreach (Finding warning in answer.Warnings)
            WarnOf(warning.Code, item.Spec, Metadata.InPlaceOfOptions(warning.Text));
        StoreEntry entry = store.Add(job.Key, item, made, answer.Facts, read.Where(input => !named.ContainsKey(input.Key)));
        WithUserStore(shared => shared.Add(job.Key, entry.Folder));
        if (Write(outputs, job, entry, tool) && item.Report != "none")
            Log.LogMessage(MessageImportance.High, "{0}", Summary.Of(item, entry.Facts)
                + (item.HasLayers ? $"; layers in {outputs.Spec(outputs.Layers(item))}" : ""));
    }

    private bool Write(OutputFolder outputs, Job job, StoreEntry entry, string tool)
    {
        ModelItem item = job.Item;
        long bytes = new FileInfo(Path.Combine(entry.Folder, ModelStore.ModelFile)).Length;
        if (bytes > MaxEmbeddedBytes && !item.IsFile)
        {
            Report(BuildDiagnostics.TooLargeToEmbed, item.Spec, bytes, MaxEmbeddedBytes);
            return false;
        }

        List<InputFile> written = [Copy(ModelStore.ModelFile, outputs.Model(item))];
        if (item.HasLayers)
            written.Add(Copy(ModelStore.LayersFile, outputs.Layers(item)));
        job.State = new ModelState(tool, job.Key, ModelState.ArgumentsOf(item), job.Named, entry.Others, written, entry.Facts);
        job.State.Write(outputs.State(item));
        return true;

        InputFile Copy(string name, string path)
        {
            WholeFile.Copy(Path.Combine(entry.Folder, name), path, entry.Files[name]);
            FileInfo copy = new(path);
            return new InputFile(path, copy.Length, copy.LastWriteTimeUtc.Ticks, entry.Files[name]);
        }
    }

    // What the build goes on with. A manifest is made anew each time, as names of C# are of no concern to the compiler.
    private void Emit(OutputFolder outputs, Job job)
    {
        ModelItem item = job.Item;
        WholeFile.Write(outputs.Manifest(item), Manifest.Of(item, job.State!.Facts));
        EmitManifest(outputs, item, outputs.Manifest(item));
        ITaskItem model = item.IsFile
            ? Items.Of(outputs.Spec(outputs.Model(item)), ("Link", item.Resource), ("TargetPath", item.Resource),
                ("CopyToOutputDirectory", "PreserveNewest"), ("ExcludeFromSingleFile", "true"), ("Visible", "false"), ("Pack", "false"))
            : Items.Of(outputs.Spec(outputs.Model(item)), ("LogicalName", item.Resource), ("WithCulture", "false"), ("Type", "Non-Resx"),
                ("Watch", "false"), ("Visible", "false"));
        (item.IsFile ? files : resources).Add(model);
        states.Add(Items.Of(outputs.Spec(outputs.State(item))));
        foreach (string path in job.State.Outputs.Select(file => file.FullPath).Concat([outputs.Manifest(item), outputs.State(item)]))
            writes.Add(Items.Of(outputs.Spec(path)));
    }

    private void EmitManifest(OutputFolder outputs, ModelItem item, string path)
    {
        manifests.Add(Items.Of(outputs.Spec(path), ("EbspManifest", "true"), ("Visible", "false")));
        if (item.Namespace.Length > 0 && !namespaces.Any(space => space.ItemSpec == item.Namespace))
            namespaces.Add(Items.Of(item.Namespace));
    }

    // The manifest of the last build where that still holds; else one with names alone, where no real build looks.
    private void Design(OutputFolder outputs, ModelItem[] items)
    {
        string tool = items.Length == 0 ? "" : ToolIdentity.Of(Path.GetFullPath(EbspcPath), outputs.Tool, mayHash: false);
        foreach (ModelItem item in items)
        {
            ModelState? state = ModelState.Read(outputs.State(item));
            bool isCurrent = state?.IsUntouched(item, tool) == true
                && WholeFile.ReadOrNull(outputs.Manifest(item)) == Manifest.Of(item, state.Facts);
            string path = isCurrent ? outputs.Manifest(item) : outputs.DesignManifest(item);
            if (!isCurrent)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                WholeFile.Write(path, Manifest.Of(item, facts: null));
            }

            EmitManifest(outputs, item, path);
        }
    }
}
