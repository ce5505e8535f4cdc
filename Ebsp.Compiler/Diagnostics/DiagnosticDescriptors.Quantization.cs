namespace Ebsp.Compiler.Diagnostics;

public static partial class DiagnosticDescriptors
{
    /// <summary>An operation of the float graph that has no integer form.</summary>
    public static readonly DiagnosticDescriptor NoIntegerForm = new("EBSP2011", "No integer form",
        "{0}.",
        "Replace the operation in the network, or cut the model before it.",
        "net.onnx: error EBSP2011: softmax1: Softmax has no integer form here. Replace the operation in the network, or cut the model " +
            "before it.");

    /// <summary>Options that name no format, or contradict each other.</summary>
    public static readonly DiagnosticDescriptor BadQuantizerOption = new("EBSP2012", "Bad quantizer option",
        "{0}.",
        "Formats are B:k with B in 2..8 and k in 1..4; terms are 1 or 2; tensors for additions have 8 or 16 bits.",
        "error EBSP2012: a format of 9 bits and pattern length 3. Formats are B:k with B in 2..8 and k in 1..4; terms are 1 or 2; " +
            "tensors for additions have 8 or 16 bits.");

    /// <summary>Calibration images that do not fit the network.</summary>
    public static readonly DiagnosticDescriptor CalibrationMisfit = new("EBSP2013", "Calibration images do not fit",
        "{0}.",
        "Give images of the network's input size, such as the first 512 of its training set.",
        "error EBSP2013: images of 1x28x28 for an input of 3x32x32. Give images of the network's input size, such as the first 512 of " +
            "its training set.");

    /// <summary>An accumulator that may leave int32.</summary>
    public static readonly DiagnosticDescriptor AccumulatorOverflow = new("EBSP2014", "Accumulator may overflow",
        "channel {0} may reach {1}, beyond int32.",
        "Give the layer's weights or input fewer bits, or split its reduction.",
        "error EBSP2014: fc6: channel 3 may reach 3221225472, beyond int32. Give the layer's weights or input fewer bits, or split its " +
            "reduction.");

    /// <summary>A requantization that may leave int64.</summary>
    public static readonly DiagnosticDescriptor RequantizeOverflow = new("EBSP2015", "Requantization may overflow",
        "channel {0}: the sum before the shift may leave int64.",
        "Quantize the network again; numbers of a .pb are not to be edited by hand.",
        "error EBSP2015: add3: channel 7: the sum before the shift may leave int64. Quantize the network again; numbers of a .pb are " +
            "not to be edited by hand.");

    /// <summary>An operand that the PE array of the machine does not accept.</summary>
    public static readonly DiagnosticDescriptor OperandNotOnPattern = new("EBSP2016", "Operand not on the machine's pattern",
        "{0} of format {1}, and the PE array multiplies patterns of length {2} or less{3}.",
        "Quantize with a pattern length that the machine has (--weights B:k --activations B:k), or choose a machine with a longer one.",
        "error EBSP2016: conv1: weights of format s8(4), and the PE array multiplies patterns of length 3 or less; 41 more " +
            "operands are alike; --arch default-4 multiplies them. Quantize with a pattern length that the machine has (--weights B:k " +
            "--activations B:k), or choose a machine with a longer one.");

    /// <summary>A cycle budget that no choice of formats meets.</summary>
    public static readonly DiagnosticDescriptor BudgetTooSmall = new("EBSP2018", "Budget too small",
        "no choice of formats needs {0} cycles or fewer; the least found is {1}.",
        "Give --budget more cycles, or choose a larger machine with --arch.",
        "error EBSP2018: no choice of formats needs 1000 cycles or fewer; the least found is 48213. Give --budget more cycles, or " +
            "choose a larger machine with --arch.");

    /// <summary>Images that say little of the network: a warning.</summary>
    public static readonly DiagnosticDescriptor DoubtfulCalibration = new("EBSP2022", "Doubtful calibration",
        "{0}.",
        "Calibrate on images as the network will see them, 32 or more; if they are, give this layer more bits or terms (--layer).",
        "warning EBSP2022: conv1: its output has the value 0 at every pixel of every calibration image. Calibrate on images as the " +
            "network will see them, 32 or more; if they are, give this layer more bits or terms (--layer).");

    /// <summary>Integers that answer otherwise than the float network: a warning, or an error under --min-agreement.</summary>
    public static readonly DiagnosticDescriptor PoorAgreement = new("EBSP2023", "Integers answer otherwise",
        "on the calibration images {0} of {1} answers of the integers are those of the float network ({2} %){3}.",
        "Give more bits or terms to the layers that lose most (--weights, --activations, --layer), train on the pattern " +
            "(docs/training.md), or check the preprocessing of the images.",
        "net.onnx: warning EBSP2023: on the calibration images 262 of 512 answers of the integers are those of the float network (51.2 " +
            "%). Give more bits or terms to the layers that lose most (--weights, --activations, --layer), train on the pattern " +
            "(docs/training.md), or check the preprocessing of the images.");

    /// <summary>Images that another preprocessing would suit better: a warning.</summary>
    public static readonly DiagnosticDescriptor DoubtfulPreprocessing = new("EBSP2024", "Doubtful preprocessing",
        "{0}.",
        "Give the preprocessing that the network was trained with (--scale, --mean, --std, --channel-order); where the given one is it, " +
            "nothing is wrong.",
        "resnet20.onnx: warning EBSP2024: of 256 labeled images the float network is right on 236 with --scale 1/255 --mean " +
            "0.485,0.456,0.406 --std 0.229,0.224,0.225, and on 16 as it is, with --scale 1. Give the preprocessing that the network was " +
            "trained with (--scale, --mean, --std, --channel-order); where the given one is it, nothing is wrong.");

    /// <summary>A network whose own integers are asked for and that does not have them all.</summary>
    public static readonly DiagnosticDescriptor NotQuantized = new("EBSP2021", "Not fully quantized",
        "{0} is missing.",
        "Export the network with QuantizeLinear and DequantizeLinear around every layer's weights and tensors, or run it in float.",
        "net.onnx: error EBSP2021: conv3: a quantization of the tensor 'relu2' is missing. Export the network with QuantizeLinear and " +
            "DequantizeLinear around every layer's weights and tensors, or run it in float.");
}
