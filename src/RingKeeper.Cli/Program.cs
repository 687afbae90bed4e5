Console.Error.WriteLine("ringkeeper: no command yet");
return 2;
