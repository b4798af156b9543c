"""Every number of the paper that the package uses, once, with its section.

LeCun, Bottou, Bengio, Haffner, "Gradient-Based Learning Applied to Document Recognition",
Proceedings of the IEEE 86(11), 2278-2324, November 1998.  Nothing else in the package repeats
one of these numbers.  Where the paper leaves a choice, the constant is marked *reading* and the
README gives what the other choices measured.
"""

from typing import NamedTuple

INPUT_SIZE = 32  # II-B: the field is 32x32 pixels
IMAGE_SIZE = 28  # III-A: MNIST's field, centred by mass, extended to 32x32 with background
BOX_SIZE = 20  # III-A: the digit itself is size-normalised into 20x20, aspect ratio kept
SMALL_SIZE = 16  # III-A: side of the images of the early experiments
BACKGROUND = -0.1  # II-B: white
FOREGROUND = 1.175  # II-B: black; its "variance about 1" is 0.12 (notebook 01)
TRAINING_PATTERNS = 60_000  # III-A
TEST_PATTERNS = 10_000  # III-A
CLASSES = 10

# --- The squashing function (eq. 5, 6; appendix A) ------------------------------------------

SQUASH_A = 1.7159  # amplitude A of f(a) = A tanh(S a)
SQUASH_S = 2.0 / 3.0  # slope S at the origin: f(1) = 1 and f(-1) = -1

# --- The layers (II-B) ----------------------------------------------------------------------

KERNEL_SIZE = 5  # C1, C3, C5: 5x5 neighbourhoods
SUBSAMPLING_SIZE = 2  # S2, S4: 2x2 neighbourhoods that do not overlap
C1_MAPS = 6
C3_MAPS = 16
C5_MAPS = 120
F6_UNITS = 84  # a 7x12 bitmap

# Table I: row = C3 map, the S2 maps that it reads.
TABLE_1 = (
    (0, 1, 2),
    (1, 2, 3),
    (2, 3, 4),
    (3, 4, 5),
    (0, 4, 5),
    (0, 1, 5),
    (0, 1, 2, 3),
    (1, 2, 3, 4),
    (2, 3, 4, 5),
    (0, 3, 4, 5),
    (0, 1, 4, 5),
    (0, 1, 2, 5),
    (0, 1, 3, 4),
    (1, 2, 4, 5),
    (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)


class LayerCount(NamedTuple):
    """What II-B says of one layer: state (height, width, maps), parameters, connections."""

    shape: tuple[int, int, int]
    parameters: int
    connections: int


LAYERS = {
    "C1": LayerCount((28, 28, 6), 156, 122_304),
    "S2": LayerCount((14, 14, 6), 12, 5_880),
    "C3": LayerCount((10, 10, 16), 1_516, 151_600),
    "S4": LayerCount((5, 5, 16), 32, 2_000),
    "C5": LayerCount((1, 1, 120), 48_120, 48_120),
    "F6": LayerCount((1, 1, 84), 10_164, 10_164),
    "OUTPUT": LayerCount((1, 1, 10), 0, 840),  # 840 fixed parameters, the codes of figure 3
}
TRAINABLE_PARAMETERS = 60_000  # II-B
CONNECTIONS = 340_908  # II-B
MULTIPLY_ACCUMULATES = 401_000  # figure 11, rounded there to thousands
STORED_VARIABLES = 60_000  # figure 12, rounded there to thousands

# --- The output codes (figure 3) -------------------------------------------------------------

CODE_WIDTH = 7
CODE_HEIGHT = 12
FIRST_CODE = 32  # ASCII of the first bitmap: space
CODES = 96  # ASCII 32 to 127
CODE_ON = 1.0  # black
CODE_OFF = -1.0  # white

# --- The criteria (II-C) ---------------------------------------------------------------------

RUBBISH_PENALTY = 10.0  # j of eq. 9, "a positive constant"; reading: 10 on the halved penalties
PENALTY_SCALE = 0.5  # reading: the criterion sees y_i / 2, as in 1/2 ||x - w||^2

# --- Learning (III-B, appendices A to C) -----------------------------------------------------

SCHEDULE = (  # III-B: (passes, global rate eta)
    (2, 0.0005),
    (3, 0.0002),
    (3, 0.0001),
    (4, 0.00005),
    (8, 0.00001),
)
PASSES = 20  # III-B
MU = 0.02  # III-B: mu of eq. 18, keeps a step finite where the curvature vanishes
CURVATURE_PATTERNS = 500  # III-B: for the diagonal Hessian, estimated before each pass
FIRST_PASS_RATES = (7e-5, 0.016)  # III-B: effective rates during the first pass
INIT_RANGE = 2.4  # appendix A: weights uniform in -2.4/F_i .. 2.4/F_i
INIT_LECUN = 1.0  # reading: +-1/sqrt(F_i), biases 0, sub-sampling coefficients 1/sqrt(4)
TRAINING_DAYS = (2, 3)  # III-B: of one 200 MHz R10000 processor

# --- Distortions (III-B) -----------------------------------------------------------------------

DISTORTED_PATTERNS = 540_000  # added to the 60,000
# Ranges recovered from the 100 images of figure 7, which are resamplings of training patterns.
DISTORTION_TRANSLATION = 2.0  # pixels, each axis, uniform in -2 .. 2
DISTORTION_SCALE = (0.72, 1.30)
DISTORTION_SQUEEZE = (0.90, 1.10)  # ratio of the two axes
DISTORTION_SHEAR = 0.15  # horizontal, uniform in -0.15 .. 0.15
DISTORTION_FIXED_ROW = 26.0  # row of the 32x32 field that scaling keeps in place
FIGURE_7_PATTERNS = (359, 366, 339, 330, 336, 376, 331, 337, 333, 334)  # 0-based, digits 0 to 9

# --- Results (III-B, III-C) --------------------------------------------------------------------

TEST_ERROR = 0.95  # percent, after about 10 passes
TRAINING_ERROR = 0.35  # percent, after 19 passes
TEST_ERROR_DISTORTIONS = 0.8  # percent, 82 patterns of figure 8
UNCERTAINTY = 0.1  # percent, "about", of the test errors

# Figure 5, digitised from its line segments; percent, passes 1 to 21: one point more than the 20
# passes of the text.
FIGURE_5_TRAINING = (
    *(4.88, 3.04, 1.77, 1.48, 1.22, 0.91, 0.78, 0.70, 0.57, 0.49),
    *(0.47, 0.44, 0.42, 0.39, 0.39, 0.39, 0.39, 0.36, 0.36, 0.36, 0.36),
)
FIGURE_5_TEST = (
    *(2.65, 2.23, 1.48, 1.43, 1.43, 1.09, 1.04, 1.06, 0.99, 0.96),
    *(0.96, 0.99, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96, 0.96),
)

# Figure 6, digitised: training patterns -> percent on the test set and on the training set.
FIGURE_6_TEST = {15_000: 1.68, 30_000: 1.14, 60_000: 0.94}
FIGURE_6_TRAINING = {15_000: 0.05, 30_000: 0.31, 60_000: 0.35}
GAP_EXPONENT = (0.5, 1.0)  # eq. 1: alpha of E_test - E_train = k (h / P)^alpha
MISCLASSIFIED = 82  # figure 8: test patterns, by the network of the distortions
# Figure 8: index in MNIST's test file (0-based) -> the wrong answer of the paper's network.
FIGURE_8 = {
    247: 6, 449: 5, 582: 2, 659: 1, 674: 3, 829: 8, 926: 8, 938: 5, 1014: 5, 1039: 3, 1232: 4,
    1319: 0, 1328: 8, 1393: 3, 1530: 7, 1621: 6, 1681: 7, 1790: 7, 1878: 3, 1901: 4, 1955: 2,
    2035: 3, 2043: 8, 2109: 9, 2118: 0, 2129: 8, 2130: 9, 2135: 1, 2293: 4, 2387: 1, 2414: 4,
    2462: 0, 2654: 1, 2921: 5, 2927: 2, 2939: 5, 3030: 0, 3422: 0, 3520: 0, 3762: 8, 3780: 6,
    3808: 3, 3869: 4, 3941: 6, 4176: 7, 4224: 7, 4265: 3, 4369: 4, 4405: 4, 4425: 4, 4497: 7,
    4575: 2, 4601: 4, 4740: 5, 4956: 4, 5736: 5, 5749: 5, 5955: 8, 5973: 8, 6091: 8, 6101: 5,
    6173: 8, 6538: 3, 6557: 2, 6558: 5, 6571: 5, 6597: 7, 6783: 6, 7434: 9, 8059: 1, 8094: 8,
    8408: 5, 8527: 9, 9009: 2, 9015: 2, 9679: 5, 9692: 7, 9698: 1, 9729: 6, 9770: 0, 9792: 9,
    9904: 8,
}  # fmt: skip

# Figure 9: percent of errors on the test set; [deslant], [dist], [16x16] are the data of III-A.
FIGURE_9 = {
    "Linear": 12.0,
    "[deslant] Linear": 8.4,
    "Pairwise": 7.6,
    "K-NN Euclidean": 5.0,
    "[deslant] K-NN Euclidean": 2.4,
    "40 PCA + quadratic": 3.3,
    "1000 RBF + linear": 3.6,
    "[16x16] Tangent Distance": 1.1,
    "SVM poly 4": 1.1,
    "RS-SVM poly 5": 1.0,
    "[dist] V-SVM poly 9": 0.8,
    "28x28-300-10": 4.7,
    "[dist] 28x28-300-10": 3.6,
    "[deslant] 20x20-300-10": 1.6,
    "28x28-1000-10": 4.5,
    "[dist] 28x28-1000-10": 3.8,
    "28x28-300-100-10": 3.05,
    "[dist] 28x28-300-100-10": 2.5,
    "28x28-500-150-10": 2.95,
    "[dist] 28x28-500-150-10": 2.45,
    "[16x16] LeNet-1": 1.7,
    "LeNet-4": 1.1,
    "LeNet-4 / Local": 1.1,
    "LeNet-4 / K-NN": 1.1,
    "LeNet-5": 0.95,
    "[dist] LeNet-5": 0.8,
    "[dist] Boosted LeNet-4": 0.7,
}
NEIGHBOURS = 3  # III-C: k of K-NN
COMPONENTS = 40  # III-C: principal components of the quadratic classifier
BOOSTED_COST = 1.75  # III-C: networks asked for an answer of the boosted LeNet-4, on average
RADIAL_UNITS = 1000  # III-C: of the RBF network, the same number for each class

# Figure 10: percent of test patterns to reject for 0.5 % error on the rest.
REJECTION_ERROR = 0.5
FIGURE_10 = {
    "[deslant] K-NN Euclidean": 8.1,
    "[16x16] Tangent Distance": 1.9,
    "SVM poly 4": 1.8,
    "[deslant] 20x20-300-10": 3.2,
    "[16x16] LeNet-1": 3.7,
    "LeNet-4": 1.8,
    "LeNet-4 / Local": 1.4,
    "LeNet-4 / K-NN": 1.6,
    "[dist] Boosted LeNet-4": 0.5,
}

# Figures 11 and 12: thousands of multiply-accumulates of an answer, and of variables stored.  They
# count biases: 785 x 1000 + 1001 x 10 = 795 thousand.  LeNet-5's 401 is the sum of its 340,908
# connections and 60,000 parameters, which may be a coincidence.
FIGURE_11 = {
    "[deslant] Linear": 4,
    "Pairwise": 36,
    "[deslant] K-NN Euclidean": 24_000,
    "40 PCA + quadratic": 39,
    "1000 RBF + linear": 794,
    "[16x16] Tangent Distance": 20_000,
    "SVM poly 4": 14_000,
    "RS-SVM poly 5": 650,
    "[dist] V-SVM poly 9": 28_000,
    "[deslant] 20x20-300-10": 123,
    "28x28-1000-10": 795,
    "28x28-300-100-10": 267,
    "28x28-500-150-10": 469,
    "[16x16] LeNet-1": 100,
    "LeNet-4": 260,
    "LeNet-4 / Local": 20_000,
    "LeNet-4 / K-NN": 10_000,
    "LeNet-5": MULTIPLY_ACCUMULATES // 1000,
    "[dist] Boosted LeNet-4": 460,
}
FIGURE_12 = {
    **FIGURE_11,
    "Pairwise": 35,
    "40 PCA + quadratic": 40,
    "[16x16] Tangent Distance": 25_000,
    "[16x16] LeNet-1": 3,
    "LeNet-4": 17,
    "LeNet-4 / Local": 24_000,
    "LeNet-4 / K-NN": 24_000,
    "LeNet-5": STORED_VARIABLES // 1000,
    "[dist] Boosted LeNet-4": 51,
}

# --- Robustness (III-E) --------------------------------------------------------------------------

ROBUST_SCALE = 2.0  # "up to about a factor of 2": either way, or from smallest to largest
ROBUST_SHIFT = 0.5  # vertical, "about half the height of the character", up or down
ROBUST_ROTATION = 30.0  # degrees, either way
NOISE_PROBABILITY = 0.1  # of a training pixel to be inverted, for the network of figure 13
FADED_PENALTY = 9.0  # figure 13: an answer with about this penalty, or a larger one, is white

# --- Strings (VII) --------------------------------------------------------------------------------

STRING_GAPS = (-1, 4)  # VII-B: pixels between the boxes of neighbouring characters
STRING_MARGIN = 18  # reading: pixels around the first and the last middle, so that one column of
# outputs is within 2 pixels of each: a column is centred on every fourth pixel from the 16th on
COLUMN_STRIDE = 4  # figures 25, 26: pixels between neighbouring columns of outputs
