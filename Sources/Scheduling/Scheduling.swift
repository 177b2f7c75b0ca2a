// Who runs what when: worker threads, the interactive and the batch class, preemption at checkpoints.
