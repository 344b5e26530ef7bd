"""Reports as bytes: functions of a report, and nothing else."""
