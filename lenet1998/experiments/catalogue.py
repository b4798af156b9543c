"""The experiments by name."""

# What each experiment writes, beside the runs of those that train.
FILES = {
    "learning-curve": ("seeds.csv", "figure5.png"),
    "training-size": ("training-size.csv", "figure6.png"),
    "distortions": ("seeds.csv", "figure5.png", "figure7.png"),
    "misclassified": ("misclassified.csv", "figure8.png"),
    "rejection": ("rejection.csv", "figure10.png"),
    "cost": ("cost.csv", "figures11-12.png"),
    "robustness": ("robustness.csv", "robustness.png", "figure13.png"),
    "baselines": ("baselines.csv", "figure9.png", "deslanted.png"),
    "confusion": ("confusion.csv", "confusion.png"),
    "animation": ("animation.gif",),
    "ablation": ("ablation.csv", "ablation-ladder.png", "ablation-time.png"),
}
LEARNING = ("learning-curve", "training-size", "distortions", "ablation")  # these train networks
