"""Services of the deployment: started, stopped, restarted and deployed in order, through an orchestrator."""
