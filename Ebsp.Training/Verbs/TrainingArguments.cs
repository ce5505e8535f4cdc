using System.CommandLine;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Quantization;
using Ebsp.Training.Data;
using Ebsp.Training.Loop;
using Ebsp.Training.Optimization;

namespace Ebsp.Training.Verbs;

/// <summary>Options that say how a network is trained.</summary>
internal sealed class TrainingArguments
{
    private static readonly TrainingOptions Default = new();

    private readonly Option<int> _epochs = Whole("--epochs", "Epochs on the pattern.", Default.Epochs, 0);
    private readonly Option<int> _floatEpochs = Whole("--float-epochs", "Epochs in floats before them.", Default.FloatEpochs, 0);
    private readonly Option<int> _batch = Whole("--batch", "Images of a batch.", Default.Batch, 2);
    private readonly Option<double> _rate = Real("--lr", "Largest learning rate on the pattern.", Default.Rate, 0, 100);
    private readonly Option<double> _floatRate = Real("--float-lr", "Largest learning rate in floats.", Default.FloatRate, 0, 100);
    private readonly Option<double> _warmUp = Real("--warm-up", "Epochs over which the rate rises.", Default.WarmUp, 0, 1000);
    private readonly Option<ScheduleKind> _schedule = Choice("--schedule", "How the rate goes down.", Default.Schedule);
    private readonly Option<OptimizerKind> _optimizer = Choice("--optimizer", "Rule that moves the weights.", Default.Optimizer);
    private readonly Option<double> _momentum = Real("--momentum", "Share of the last step.", Default.Momentum, 0, 0.9999);
    private readonly Option<double> _decay = Real("--weight-decay", "Decay of weights; none on vectors and scales.", Default.WeightDecay,
        0, 1);
    private readonly Option<double> _scaleRate =
        Real("--scale-rate", "Factor of the rate for scales; 0 keeps the quantizer's.", Default.ScaleRate, 0, 100);
    private readonly Option<WeightScaleRule> _weightScales =
        Choice("--weight-scales", "How the scales of weights follow the weights.", Default.WeightScales);
    private readonly Option<double> _frozen = Real("--frozen", "Share of the steps at the end in which scales stay.", Default.FrozenShare,
        0, 1);
    private readonly Option<double> _smoothing =
        Real("--label-smoothing", "Probability that is spread over all classes.", Default.LabelSmoothing, 0, 0.99);
    private readonly Option<int> _crop = Whole("--crop", "Pixels of black frame from which pictures are cut at random.", 0, 0);
    private readonly Option<bool> _flip = new("--flip") { Description = "Mirror half of the pictures." };
    private readonly Option<double> _distillation =
        Real("--distill", "Share of the float network's answers in the loss.", Default.Distillation, 0, 1);
    private readonly Option<bool> _unlabelled =
        new("--unlabelled") { Description = "Learn from the float network's answers alone (--distill 1): images need no labels." };
    private readonly Option<double> _temperature = Real("--temperature", "Temperature of these answers.", Default.Temperature, 0.01, 1000);
    private readonly Option<string> _rho = new("--rho")
    {
        Description = "Weight of the decay toward the masked weights (ADMM), from its start to its end; 0 for none.",
        HelpName = "START:END", DefaultValueFactory = _ => "1e-5:1e-2",
    };
    private readonly Option<int> _duals = Whole("--dual-steps", "Dual steps of ADMM in an epoch.", Default.DualSteps, 1);
    private readonly Option<bool> _batchNorm =
        new("--batch-norm") { Description = "Put batch normalization behind every convolution, also where the file has none." };
    private readonly Option<string> _from = new Option<string>("--from")
    {
        Description = "Weights to start with: as the quantizer left them, or those of the float network.", DefaultValueFactory = _ =>
            "quantizer",
    }.AcceptOnlyFromAmong("quantizer", "float");
    private readonly Option<int> _estimation =
        Whole("--estimate", "Batches for the statistics of batch normalization at the end.", Default.EstimationBatches, 0);
    private readonly Option<double> _frozenNorm = Real("--frozen-norm",
        "Share of the steps at the end in which batch normalization goes by running statistics.", Default.FrozenNorm, 0, 1);
    private readonly Option<double> _average = Real("--ema",
        "Share of the moving average of weights and scales that a step keeps; the average is scored and written. 0 for none.",
        Default.Average, 0, 0.999999);
    private readonly Option<int> _evolve = Whole("--evolve",
        "Bits, and places of the pattern, that formats have more at the start and lose over the first half.", Default.Evolve, 0);
    private readonly Option<int> _select = Whole("--select",
        "Training images to hold out, and to choose by them the epoch that is written; 0 writes the last.", Default.Select, 0);
    private readonly Option<int> _calibration = Whole("--calibration-count", "Images that the quantizer sees.", Default.Calibration, 1);
    private readonly Option<ulong> _seed = new("--seed") { Description = "Seed.", DefaultValueFactory = _ => Default.Seed, HelpName = "N" };
    private readonly Option<int> _threads = Whole("--threads", "Threads of libtorch.", Default.Threads, 1);
    private readonly Option<OperandFormat?> _weights = FormatOptions.Format("--weights", "Format of the weights (default: 6:3).");
    private readonly Option<OperandFormat?> _activations = FormatOptions.Format("--activations",
        "Format of the tensors that are multiplied (default: 6:3).");
    private readonly Option<OperandFormat?> _first =
        FormatOptions.Format("--first", "Format of the input and of the first layer's weights (default: 8 bits, k of --weights).");
    private readonly Option<OperandFormat?> _last =
        FormatOptions.Format("--last", "Format of the last layer's operands (default: 8 bits, k of --weights).");
    private readonly Option<int> _terms = new Option<int>("--input-terms") { Description = "Pattern terms of the input.",
        DefaultValueFactory = _ => 2 }.AcceptOnlyFromAmong("1", "2");
    private readonly Option<int> _skipBits = new Option<int>("--skip-bits") { Description = "Bits of tensors that are added or averaged.",
        DefaultValueFactory = _ => 8 }.AcceptOnlyFromAmong("8", "16");
    private readonly Option<ClipRule> _clip =
        FormatOptions.Clip("Clip that activations start with: least squared error, nothing clipped, or a percentile.");

    /// <summary>Adds the options to a verb.</summary>
    public TrainingArguments(Verb verb)
    {
        foreach (Option option in new Option[]
        {
            _epochs, _floatEpochs, _batch, _rate, _floatRate, _warmUp, _schedule, _optimizer, _momentum, _decay, _scaleRate,
            _weightScales, _frozen, _smoothing, _crop, _flip, _distillation, _unlabelled, _temperature, _rho, _duals, _batchNorm, _from,
            _estimation, _frozenNorm, _average, _evolve, _select, _calibration, _seed, _threads, _weights, _activations,
            _first, _last, _terms, _skipBits, _clip,
        })
            verb.Options.Add(option);
    }

    /// <summary>What they say.</summary>
    public TrainingOptions Read(Call call)
    {
        (double start, double end) = Rho(call.Get(_rho)!);
        QuantizerOptions formats = new();
        formats = formats with
        {
            Weights = call.Get(_weights) ?? formats.Weights,
            Activations = call.Get(_activations) ?? formats.Activations,
            First = call.Get(_first),
            Last = call.Get(_last),
            InputTerms = call.Get(_terms),
            SkipBits = call.Get(_skipBits),
            Clip = call.Get(_clip),
            Threads = call.Get(_threads),
        };
        return new TrainingOptions
        {
            Formats = formats, Epochs = call.Get(_epochs), FloatEpochs = call.Get(_floatEpochs), Batch = call.Get(_batch),
            Rate = call.Get(_rate), FloatRate = call.Get(_floatRate), WarmUp = call.Get(_warmUp), Schedule = call.Get(_schedule),
            Optimizer = call.Get(_optimizer), Momentum = call.Get(_momentum), WeightDecay = call.Get(_decay),
            ScaleRate = call.Get(_scaleRate), WeightScales = call.Get(_weightScales), FrozenShare = call.Get(_frozen),
            LabelSmoothing = call.Get(_smoothing),
            Augmentation = new Augmentation(call.Get(_crop), call.Get(_flip)), 
            Distillation = call.Get(_unlabelled) ? 1 : call.Get(_distillation),
            Temperature = call.Get(_temperature), RhoStart = start, RhoEnd = end, DualSteps = call.Get(_duals),
            BatchNorm = call.Get(_batchNorm), StartsFromQuantizer = call.Get(_from) == "quantizer",
            EstimationBatches = call.Get(_estimation), FrozenNorm = call.Get(_frozenNorm), Average = call.Get(_average),
            Evolve = call.Get(_evolve), Select = call.Get(_select),
            Calibration = call.Get(_calibration), Seed = call.Get(_seed), Threads = call.Get(_threads),
        };
    }

    private static (double Start, double End) Rho(string text)
    {
        double[] parts = [.. text.Split(':').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
        return parts switch
        {
            [0] => (0, 0),
            [> 0 and < 10 and var same] => (same, same),
            [> 0 and < 10 and var start, > 0 and < 10 and var end] => (start, end),
            _ => throw DiagnosticDescriptors.Usage.Error(null, null,
                $"--rho '{text}' is neither 0 nor START:END, each over 0 and below 10"),
        };
    }

    private static Option<int> Whole(string name, string description, int value, int least)
    {
        Option<int> option = new(name) { Description = $"{description} Default: {value}.", DefaultValueFactory = _ => value, HelpName =
            "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int given)
                && given < least)
                result.AddError($"{name} {given} is less than {least}");
        });
        return option;
    }

    private static Option<double> Real(string name, string description, double value, double least, double most)
    {
        Option<double> option = new(name)
        {
            Description = string.Create(CultureInfo.InvariantCulture, $"{description} Default: {value:0.######}."),
            DefaultValueFactory = _ => value, HelpName = "X",
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double given) || !(given >= least
                    && given <= most))
                    result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} '{text}' is no number in {least}..{most}"));
                return given;
            },
        };
        return option;
    }

    private static Option<T> Choice<T>(string name, string description, T value) where T : struct, Enum =>
        new Option<T>(name)
        {
            Description = description, DefaultValueFactory = _ => value,
            CustomParser = result => Enum.TryParse(result.Tokens[0].Value, ignoreCase: true, out T given) ? given : value,
        }.AcceptOnlyFromAmong([.. Enum.GetNames<T>().Select(each => each.ToLowerInvariant())]);
}
