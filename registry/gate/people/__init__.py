"""Acts about people: signing in, invitations, second factors, administration. Accounts are not projections of events
(they hold secrets); each act leaves a record of type `account`, pseudonymous, in the log of the party it concerns."""
