"""What starts, stops and restarts the services of a deployment, behind one port; a file for each back end."""
