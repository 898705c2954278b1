"""The schema's history, run by `bateleur db upgrade` (`store.schema`)."""
