"""What one source tree holds, a module for each question; ``handover.inventory.source`` asks them all."""
